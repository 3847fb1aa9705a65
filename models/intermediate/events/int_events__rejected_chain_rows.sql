{%- set snapshots = {
    'balances': ['address', 'balance_text'],
    'tokens': ['address', 'symbol'],
} %}

with

rejected_rows as (
    {% for table in tables_by_day() %}
    {{- 'union all' if not loop.first }}

    select
        '{{ table }}' as table_name,
        coalesce(rejected_key, '') as row_key,
        rejected_values as row_values,
        rejection_reason,
        copies
    from {{ ref('stg_chain__' ~ table) }}
    where rejection_reason is not null
    {% endfor %}
    {%- for table, columns in snapshots.items() %}
    union all

    select
        '{{ table }}' as table_name,
        coalesce({{ columns[0] }}, '') as row_key,
        {{ named_values(columns) }} as row_values,
        rejection_reason,
        1 as copies
    from {{ ref('base_chain__' ~ table) }}
    where rejection_reason is not null
    {% endfor %}
)

select
    table_name,
    row_key,
    row_values,
    rejection_reason,
    cast(sum(copies) as {{ dbt.type_bigint() }}) as number_of_rows
from rejected_rows
group by table_name, row_key, row_values, rejection_reason
