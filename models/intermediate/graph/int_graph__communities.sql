{#- Every step names the one before once, as in int_graph__page_ranks. -#}
{%- set steps = 10 %}

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

ranked_votes_{{ step }} as (

    select
        node_number,
        community_number,
        row_number() over (
            partition by node_number
            order by votes desc, community_number asc
        ) as vote_rank
    from votes_{{ step }}

),

step_{{ step }} {{ computed_apart() }} (

    select
        node_number,
        community_number
    from ranked_votes_{{ step }}
    where vote_rank = 1

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
