{%- set hour = 3600 %}
{%- set day = 86400 %}

with

-- Within a second, what comes in counts as first. The time of the latest
-- incoming event is carried forward, which takes one read of the sorted rows
-- where a running maximum takes a search for each.
events as (

    select
        address_key,
        is_outgoing,
        value_wei,
        block_timestamp,
        row_number() over sequence as event_number,
        lag(is_outgoing) over sequence as was_outgoing,
        lag(block_timestamp) over sequence as previous_at,
        last_value(
            case when not is_outgoing then block_timestamp end ignore nulls
        ) over (
            partition by address_key
            order by block_timestamp, is_outgoing
            rows between unbounded preceding and current row
        ) as latest_incoming_at
    from {{ ref('int_events__transaction_events') }}
    window
        sequence as (
            partition by address_key
            order by block_timestamp, is_outgoing
        )

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

-- What happened before the window does not exist for it.
steps as (

    select
        windows.window_id,
        events.address_key,
        events.is_outgoing,
        events.value_wei,
        events.event_number,
        {{ epoch_seconds('events.block_timestamp') }} as event_seconds,
        events.previous_at >= windows.window_start
        and events.was_outgoing <> events.is_outgoing as is_turn,
        case
            when events.previous_at >= windows.window_start
                then
                    {{ epoch_seconds('events.block_timestamp') }}
                    - {{ epoch_seconds('events.previous_at') }}
        end as gap_seconds,
        case
            when
                events.is_outgoing
                and events.latest_incoming_at >= windows.window_start
                then
                    {{ epoch_seconds('events.block_timestamp') }}
                    - {{ epoch_seconds('events.latest_incoming_at') }}
        end as delay_seconds
    from events
    inner join windows
        on
            events.block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end
    where {{ has_features('events.address_key') }}

),

{% set totals -%}
        count(*) as events,
        count(case when is_outgoing then 1 end) as outgoing,
        count(case when is_turn then 1 end) as turns,
        min(event_number) as first_number,
        max(event_number) as last_number,
        min(case when is_outgoing then event_number end)
            as first_outgoing_number,
        max(case when is_outgoing then event_number end)
            as last_outgoing_number,
        count(case when gap_seconds <= {{ hour }} then 1 end)
            as gaps_within_hour,
        max(gap_seconds) as max_gap_seconds,
        min(gap_seconds) as min_gap_seconds,
        count(case when delay_seconds <= {{ hour }} then 1 end)
            as outgoing_within_hour,
        count(case when delay_seconds <= {{ day }} then 1 end)
            as outgoing_within_day,
        {{ sum_exactly('case when is_outgoing then 0 else value_wei end') }}
            as incoming_wei,
        {{ sum_exactly('case when is_outgoing then value_wei else 0 end') }}
            as outgoing_wei,
        {{ sum_exactly(
            'case when delay_seconds <= ' ~ day ~ ' then value_wei else 0 end'
        ) }} as outgoing_within_day_wei,
        max(case when is_outgoing then 0 else value_wei end)
            as largest_incoming_wei,
        max(case when is_outgoing then value_wei else 0 end)
            as largest_outgoing_wei,
        min(case when not is_outgoing then event_seconds end)
            as first_incoming_seconds,
        min(case when is_outgoing then event_seconds end)
            as first_outgoing_seconds
{%- endset -%}
totals as (

    {{ totals_with_medians(
        'steps', ['window_id', 'address_key'], totals,
        {
            'gap_seconds': 'median_gap_seconds',
            'delay_seconds': 'median_delay_seconds',
        }
    ) }}

)

select
    window_id,
    address_key,

    gaps_within_hour,
    max_gap_seconds,
    min_gap_seconds,
    median_gap_seconds,

    {{ mean_or_zero('least(outgoing_wei, incoming_wei)', 'incoming_wei') }}
        as passed_on_share,
    {{ mean_or_zero(
        'least(outgoing_within_day_wei, incoming_wei)', 'incoming_wei'
    ) }} as passed_on_within_day_share,
    {{ mean_or_zero('outgoing_within_hour', 'outgoing') }}
        as sent_within_hour_share,
    {{ mean_or_zero('outgoing_within_day', 'outgoing') }}
        as sent_within_day_share,
    cast(
        first_outgoing_seconds - first_incoming_seconds as {{ type_double() }}
    ) as first_in_to_first_out_seconds,
    cast(median_delay_seconds as {{ type_double() }})
        as median_in_to_out_seconds,
    {{ mean_or_zero('turns', 'events - 1') }} as direction_change_share,
    -- All events before the first outgoing one are incoming, likewise after the
    -- last. Without an outgoing event, all come before it and none after.
    {{ mean_or_zero(
        'coalesce(first_outgoing_number - first_number, events)',
        'events - outgoing'
    ) }} as received_before_first_sent_share,
    {{ mean_or_zero(
        'last_number - last_outgoing_number', 'events - outgoing'
    ) }} as received_after_last_sent_share,
    {{ mean_or_zero('largest_incoming_wei', 'incoming_wei') }}
        as largest_incoming_share,
    {{ mean_or_zero('largest_outgoing_wei', 'outgoing_wei') }}
        as largest_outgoing_share
from totals
