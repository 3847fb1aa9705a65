{%- set snapshots = {
    'balances': ('address', named_values(['address', 'balance_text'])),
    'tokens': ('address', named_values(['address', 'symbol'])),
    'receipts': ('transaction_hash', 'rejected_values'),
} %}

with

rejected_rows as (
    {% for table in tables_by_day() %}
    {{- 'union all' if not loop.first }}

    select
        '{{ table }}' as table_name,
        coalesce(rejected_key, '') as row_key,
        rejected_values as row_values,
        rejection_reason
    from {{ ref('stg_chain__' ~ table) }}
    where rejection_reason is not null
    {% endfor %}
    {%- for table, (key, values) in snapshots.items() %}
    union all

    select
        '{{ table }}' as table_name,
        coalesce({{ key }}, '') as row_key,
        {{ values }} as row_values,
        rejection_reason
    from {{ ref('base_chain__' ~ table) }}
    where rejection_reason is not null
    {% endfor %}
)

select
    table_name,
    row_key,
    row_values,
    rejection_reason,
    count(*) as number_of_rows
from rejected_rows
group by table_name, row_key, row_values, rejection_reason
