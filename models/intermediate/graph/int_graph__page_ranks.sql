{#-
    Every step names the one before once, because BigQuery computes a CTE again
    for each mention. Ranks are whole billionths of what an address starts with,
    so that the order of a sum does not matter.
-#}
{%- set steps = 30 %}

with

links as (

    select * from {{ ref('int_graph__links') }}

),

nodes as (

    select distinct address from {{ ref('int_graph__links') }}

),

step_0 as (

    select
        address,
        cast(1000000000 as {{ dbt.type_bigint() }}) as page_rank
    from nodes

),
{% for step in range(1, steps + 1) %}
-- 0.85 of a rank goes on, in equal parts, to the recipients of the address.
step_{{ step }} {{ computed_apart() }} (

    select
        nodes.address,
        1000000000 + coalesce(
            sum(
                cast(
                    floor(0.85e0 * ranks.page_rank / links.recipients)
                    as {{ dbt.type_bigint() }}
                )
            ),
            0
        ) as page_rank
    from nodes
    left join links
        on nodes.address = links.counterparty and links.is_sent_to
    left join step_{{ step - 1 }} as ranks on links.address = ranks.address
    group by nodes.address

),
{% endfor %}
totals as (

    select
        address,
        page_rank,
        sum(page_rank) over () as total
    from step_{{ steps }}

)

select
    address,
    cast(page_rank as {{ type_double() }}) / total as page_rank
from totals
