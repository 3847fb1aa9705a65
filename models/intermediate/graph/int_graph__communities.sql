{#- Every step names the one before once, as in int_graph__page_ranks. -#}
{%- set steps = 10 %}
{#- More than there are addresses. Times 900 million votes it fits 64 bits. -#}
{%- set numbers = 10000000000 %}

with

nodes as (

    select * from {{ ref('int_graph__nodes') }}

),

-- An address votes for its own community too. Without that, two addresses that
-- only know each other would swap communities for ever.
voters as (

    select
        node_number,
        counterparty_number
    from {{ ref('int_graph__links') }}

    union all

    select
        node_number,
        node_number as counterparty_number
    from nodes

),

step_0 as (

    select
        node_number,
        node_number as community_number
    from nodes

),
{% for step in range(1, steps + 1) %}
votes_{{ step }} as (

    select
        voters.node_number,
        communities.community_number,
        count(*) as votes
    from voters
    inner join step_{{ step - 1 }} as communities
        on voters.counterparty_number = communities.node_number
    group by voters.node_number, communities.community_number

),

-- The most votes win, and of equal votes the smaller number.
step_{{ step }} {{ computed_apart() }} (

    select
        node_number,
        {{ numbers }} - mod(
            max(votes * {{ numbers }} - community_number), {{ numbers }}
        ) as community_number
    from votes_{{ step }}
    group by node_number

),
{% endfor %}
communities as (

    select * from step_{{ steps }}

)

select
    nodes.address,
    originals.address as community
from communities
inner join nodes on communities.node_number = nodes.node_number
inner join nodes as originals
    on communities.community_number = originals.node_number
