{%- set columns = [
    'address', 'reported_category', 'source', 'reported_at_text',
    'valid_to_text', 'usage',
] %}

with

rejected_rows as (

    select
        'labels' as table_name,
        coalesce(address, '') as row_key,
        {{ named_values(columns) }} as row_values,
        rejection_reason
    from {{ ref('base_labels__address_labels') }}
    where rejection_reason is not null

    union all

    select distinct
        'transactions' as table_name,
        coalesce(address, '') as row_key,
        {{ named_values(['address', 'reported_category', 'scam_text']) }}
            as row_values,
        rejection_reason
    from {{ ref('base_chain__labeled_sides') }}
    where rejection_reason is not null

)

select
    table_name,
    row_key,
    row_values,
    rejection_reason,
    count(*) as number_of_rows
from rejected_rows
group by table_name, row_key, row_values, rejection_reason
