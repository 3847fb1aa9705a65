with

edges as (

    select * from {{ ref('int_features__edge_parts') }}

),

token_edges as (

    select * from {{ ref('int_features__token_edge_parts') }}

),

lookalikes as (

    select * from {{ ref('int_features__lookalikes') }}

),

meetings as (

    select
        edges.window_id,
        edges.address_key,
        edges.counterparty_key,
        lookalikes.look,
        edges.incoming_count + edges.outgoing_count as events
    from edges
    inner join lookalikes on edges.counterparty_key = lookalikes.address_key

    union all

    select
        token_edges.window_id,
        token_edges.address_key,
        token_edges.counterparty_key,
        lookalikes.look,
        token_edges.events
    from token_edges
    inner join lookalikes
        on token_edges.counterparty_key = lookalikes.address_key

),

counterparties as (

    select
        window_id,
        address_key,
        counterparty_key,
        look,
        sum(events) as events
    from meetings
    where counterparty_key <> address_key
    group by window_id, address_key, counterparty_key, look

),

compared_counterparties as (

    select
        *,
        max(events) over (partition by window_id, address_key, look)
            as events_of_original
    from counterparties

),

-- Of two that look alike, the one met less often imitates the other.
imitations as (

    select
        window_id,
        address_key,
        counterparty_key
    from compared_counterparties
    where events < events_of_original

),

sides as (

    select
        window_id,
        address_key,
        1 as met,
        0 as deceived
    from imitations

    union all

    select
        window_id,
        counterparty_key as address_key,
        0 as met,
        1 as deceived
    from imitations

)

select
    window_id,
    address_key,
    cast(sum(met) as {{ dbt.type_bigint() }})
        as lookalike_counterparty_count,
    cast(sum(deceived) as {{ dbt.type_bigint() }})
        as imitating_counterparty_count
from sides
group by window_id, address_key
