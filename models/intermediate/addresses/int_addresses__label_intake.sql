{{ config(post_hook={
    'sql': "{{ stop_on_too_many_rejects(ref('int_addresses__rejected_labels'), 'rejected_labels') }}",
    'transaction': false,
}) }}

with

labels as (

    select * from {{ ref('base_labels__address_labels') }}

)

select
    'address_labels' as table_name,
    count(*) as loaded_rows,
    count(rejection_reason) as rejected_rows
from labels
having count(*) > 0
