with

events as (

    select * from {{ ref('int_events__transaction_events') }}

)

select
    address_key,
    count(case when not is_outgoing then 1 end) as incoming_count,
    count(case when is_outgoing then 1 end) as outgoing_count,
    {{ sum_exactly('case when not is_outgoing then value_wei end') }}
        as incoming_wei,
    {{ sum_exactly('case when is_outgoing then value_wei end') }}
        as outgoing_wei,
    {{ sum_exactly('fee_wei') }} as fee_wei,
    min(block_timestamp) as first_event_at,
    max(block_timestamp) as last_event_at
from events
group by address_key
