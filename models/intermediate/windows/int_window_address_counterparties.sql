with

events as (

    select * from {{ ref('int_window_events') }}
    where counterparty_key is not null

),

counterparties as (

    select distinct
        window_id,
        address_key,
        counterparty_key,
        is_outgoing
    from events

)

select
    window_id,
    address_key,
    count(case when not is_outgoing then 1 end) as unique_senders,
    count(case when is_outgoing then 1 end) as unique_recipients
from counterparties
group by window_id, address_key
