{%- set incoming = 'is_positive and not is_outgoing' %}

with

events as (

    select * from {{ ref('int_window_events') }}

),

used_values as (

    select
        window_id,
        address_key,
        is_outgoing,
        value_wei,
        value_wei > 0 as is_positive,
        count(*) as events
    from events
    group by window_id, address_key, is_outgoing, value_wei

),

-- Amounts that people type: multiples of 0.1 ETH, below 1 ETH of 0.01 ETH,
-- below 0.1 ETH of 0.001 ETH.
judged as (

    select
        *,
        is_positive and value_wei < {{ wei('0.01') }} as is_dust,
        is_positive and mod(
            value_wei,
            case
                when value_wei < {{ wei('0.1') }} then {{ wei('0.001') }}
                when value_wei < {{ wei('1') }} then {{ wei('0.01') }}
                else {{ wei('0.1') }}
            end
        ) = 0 as is_round
    from used_values

),

totals as (

    select
        window_id,
        address_key,
        sum(events) as events,
        sum(case when is_positive then 0 else events end) as empty_events,
        sum(case when is_dust then events else 0 end) as dust_events,
        sum(case when {{ incoming }} then events else 0 end) as incoming,
        sum(case when is_positive and is_outgoing then events else 0 end)
            as outgoing,
        sum(case when is_round and not is_outgoing then events else 0 end)
            as round_incoming,
        sum(case when is_round and is_outgoing then events else 0 end)
            as round_outgoing,
        max(case when {{ incoming }} then events else 0 end)
            as most_repeated_incoming
    from judged
    group by window_id, address_key

)

select
    window_id,
    address_key,
    {{ mean_or_zero('round_incoming', 'incoming') }} as round_incoming_share,
    {{ mean_or_zero('round_outgoing', 'outgoing') }} as round_outgoing_share,
    {{ mean_or_zero('most_repeated_incoming', 'incoming') }}
        as repeated_incoming_value_share,
    {{ mean_or_zero('empty_events', 'events') }} as zero_value_share,
    {{ mean_or_zero('dust_events', 'events') }} as dust_share
from totals
