with

edges as (

    select * from {{ ref('int_features__window_edges') }}

),

token_events as (

    select * from {{ ref('int_features__window_token_events') }}

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
        token_events.window_id,
        token_events.address_key,
        token_events.counterparty_key,
        lookalikes.look,
        1 as events
    from token_events
    inner join lookalikes
        on token_events.counterparty_key = lookalikes.address_key

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

compared as (

    select
        *,
        max(events) over (partition by window_id, address_key, look)
            as events_of_original
    from counterparties

)

select
    window_id,
    address_key,
    counterparty_key
from compared
where events < events_of_original
