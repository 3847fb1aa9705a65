{#-
    Every step names the one before once, because BigQuery computes a CTE again
    for each mention. Ranks are whole billionths of what an address starts with,
    so that the order of a sum does not matter.
-#}
{%- set steps = 30 %}
{%- set initial_rank = 1000000000 %}

with

nodes as (

    select * from {{ ref('int_graph__nodes') }}

),

sent_links as (

    select
        node_number,
        counterparty_number,
        recipients
    from {{ ref('int_graph__links') }}
    where is_sent_to

),

-- An address that nobody sends to keeps the initial rank and is in no step. In
-- step 0 every address has that rank.
step_0 as (

    select
        node_number,
        cast({{ initial_rank }} as {{ dbt.type_bigint() }}) as page_rank
    from nodes
    where false

),
{% for step in range(1, steps + 1) %}
-- 0.85 of a rank goes on, in equal parts, to the recipients of the address.
step_{{ step }} {{ computed_apart() }} (

    select
        sent_links.counterparty_number as node_number,
        {{ initial_rank }} + cast(
            sum(
                cast(
                    floor(
                        0.85e0 * coalesce(ranks.page_rank, {{ initial_rank }})
                        / sent_links.recipients
                    ) as {{ dbt.type_bigint() }}
                )
            ) as {{ dbt.type_bigint() }}
        ) as page_rank
    from sent_links
    left join step_{{ step - 1 }} as ranks
        on sent_links.node_number = ranks.node_number
    group by sent_links.counterparty_number

),
{% endfor %}
node_ranks as (

    select
        nodes.address,
        coalesce(ranks.page_rank, {{ initial_rank }}) as page_rank
    from nodes
    left join step_{{ steps }} as ranks on nodes.node_number = ranks.node_number

)

select
    address,
    cast(page_rank as {{ type_double() }}) / sum(page_rank) over ()
        as page_rank
from node_ranks
