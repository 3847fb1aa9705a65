{#- Seconds are summed from 1970 and shifted to the window's origin later. -#}
{%- set seconds = epoch_seconds('events.block_timestamp') %}

with

events as (

    select
        *,
        cast(value_wei as {{ type_double() }}) as value_double
    from {{ ref('int_transaction_events') }}

),

windows as (

    select * from {{ ref('int_feature_windows') }}

)

select
    windows.window_id,
    events.address_key,

    count(case when not events.is_outgoing then 1 end) as incoming_count,
    count(case when events.is_outgoing then 1 end) as outgoing_count,

    {{ sum_exactly(
        'case when not events.is_outgoing then events.value_wei end'
    ) }} as incoming_wei,
    {{ sum_exactly(
        'case when events.is_outgoing then events.value_wei end'
    ) }} as outgoing_wei,
    {{ sum_exactly('events.fee_wei') }} as fee_wei,
    -- Rounding keeps the order, so the extremes can be taken of the doubles.
    max(case when not events.is_outgoing then events.value_double end)
        as max_incoming_wei,
    max(case when events.is_outgoing then events.value_double end)
        as max_outgoing_wei,
    min(case when not events.is_outgoing then events.value_double end)
        as min_incoming_wei,
    min(case when events.is_outgoing then events.value_double end)
        as min_outgoing_wei,

    {{ sum_exactly(
        'case when not events.is_outgoing then ' ~ seconds ~ ' end'
    ) }} as incoming_epoch_seconds,
    {{ sum_exactly(
        'case when events.is_outgoing then ' ~ seconds ~ ' end'
    ) }} as outgoing_epoch_seconds,

    {{ sum_exactly('events.gas_price_wei') }} as gas_price_wei,
    count(events.gas_price_wei) as gas_price_count,
    {{ sum_exactly('events.gas_limit') }} as gas_limit,
    count(events.gas_limit) as gas_limit_count,

    min(events.block_timestamp) as first_event_at,
    max(events.block_timestamp) as last_event_at
from events
inner join windows
    on
        events.block_timestamp >= windows.window_start
        and events.block_timestamp < windows.window_end
group by windows.window_id, events.address_key
