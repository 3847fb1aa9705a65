{{ config(post_hook={
    'sql': "{{ stop_on_too_many_rejects(ref('int_addresses__rejected_labels'), 'rejected_labels') }}",
    'transaction': false,
}) }}

with

labels as (

    select
        *,
        {{ copy_number(
            'address, category, source, reported_at, valid_to, usage, url,'
            ~ ' confidence'
        ) }} as copy_number
    from {{ ref('base_labels__address_labels') }}

)

select
    'labels' as table_name,
    input_file,
    count(*) as loaded_rows,
    count(rejection_reason) as rejected_rows,
    count(case when rejection_reason is null and copy_number > 1 then 1 end)
        as repeated_rows
from labels
group by input_file
