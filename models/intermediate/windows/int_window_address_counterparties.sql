with

events as (

    select * from {{ ref('int_transaction_events') }}
    where counterparty_key is not null

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

counterparties as (

    select
        windows.window_id,
        events.address_key,
        events.counterparty_key,
        events.is_outgoing
    from events
    inner join windows
        on
            events.block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end
    group by
        windows.window_id,
        events.address_key,
        events.counterparty_key,
        events.is_outgoing

)

select
    window_id,
    address_key,
    count(case when not is_outgoing then 1 end) as unique_senders,
    count(case when is_outgoing then 1 end) as unique_recipients
from counterparties
group by window_id, address_key
