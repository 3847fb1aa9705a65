{#- Every step names the one before once, as in int_graph__page_ranks. -#}
{%- set steps = 10 %}

with

links as (

    select
        address,
        counterparty
    from {{ ref('int_graph__links') }}

),

nodes as (

    select distinct address from {{ ref('int_graph__links') }}

),

-- An address votes for its own community too. Without that, two addresses that
-- only know each other would swap communities for ever.
voters as (

    select
        address,
        counterparty
    from links

    union all

    select
        address,
        address as counterparty
    from nodes

),

step_0 as (

    select
        address,
        address as community
    from nodes

),
{% for step in range(1, steps + 1) %}
votes_{{ step }} as (

    select
        voters.address,
        communities.community,
        count(*) as votes
    from voters
    inner join step_{{ step - 1 }} as communities
        on voters.counterparty = communities.address
    group by voters.address, communities.community

),

ranked_votes_{{ step }} as (

    select
        address,
        community,
        row_number() over (
            partition by address order by votes desc, community asc
        ) as vote_rank
    from votes_{{ step }}

),

step_{{ step }} {{ computed_apart() }} (

    select
        address,
        community
    from ranked_votes_{{ step }}
    where vote_rank = 1

){{ ',' if not loop.last }}
{% endfor %}
select * from step_{{ steps }}
