{{ config(post_hook={
    'sql': "{{ stop_on_too_many_rejects(ref('int_events__rejected_chain_rows'), 'rejected_chain_rows') }}",
    'transaction': false,
}) }}

with

loaded_rows as (
    {% for table in tables_by_day() %}
    {{- 'union all' if not loop.first }}

    select
        '{{ table }}' as table_name,
        rejection_reason,
        copies
    from {{ ref('stg_chain__' ~ table) }}
    where {{ is_day_of_this_load() }}
    {% endfor %}
    {%- for table in ['balances', 'tokens'] %}
    union all

    select
        '{{ table }}' as table_name,
        rejection_reason,
        1 as copies
    from {{ ref('base_chain__' ~ table) }}
    {% endfor %}
)

select
    table_name,
    cast(sum(copies) as {{ dbt.type_bigint() }}) as loaded_rows,
    cast(
        sum(case when rejection_reason is not null then copies else 0 end)
        as {{ dbt.type_bigint() }}
    ) as rejected_rows
from loaded_rows
group by table_name
