{%- set hour = 3600 %}
{%- set day = 86400 %}

with

-- Within a second, what comes in counts as first.
events as (

    select
        address_key,
        is_outgoing,
        value_wei,
        block_timestamp,
        lag(is_outgoing) over sequence as was_outgoing,
        lag(block_timestamp) over sequence as previous_at,
        max(case when not is_outgoing then block_timestamp end)
            over sequence as latest_incoming_at,
        max(case when is_outgoing then block_timestamp end)
            over sequence as latest_outgoing_at,
        min(case when is_outgoing then block_timestamp end) over (
            partition by address_key
            order by block_timestamp, is_outgoing
            range between current row and unbounded following
        ) as next_outgoing_at
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
        {{ epoch_seconds('events.block_timestamp') }} as event_seconds,
        events.previous_at >= windows.window_start
        and events.was_outgoing <> events.is_outgoing as is_turn,
        not events.is_outgoing
        and coalesce(events.latest_outgoing_at < windows.window_start, true)
            as is_before_first_outgoing,
        not events.is_outgoing
        and events.latest_outgoing_at >= windows.window_start
        and coalesce(events.next_outgoing_at >= windows.window_end, true)
            as is_after_last_outgoing,
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

delays as (

    select
        window_id,
        address_key,
        delay_seconds
    from steps
    where delay_seconds is not null

),

delay_summaries as (

    {{ summary_by_group(
        'delays', ['window_id', 'address_key'], 'delay_seconds'
    ) }}

),

totals as (

    select
        window_id,
        address_key,
        count(*) as events,
        count(case when is_outgoing then 1 end) as outgoing,
        count(case when is_turn then 1 end) as turns,
        count(case when is_before_first_outgoing then 1 end)
            as incoming_before_first_outgoing,
        count(case when is_after_last_outgoing then 1 end)
            as incoming_after_last_outgoing,
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
    from steps
    group by window_id, address_key

)

select
    totals.window_id,
    totals.address_key,
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
        totals.first_outgoing_seconds - totals.first_incoming_seconds
        as {{ type_double() }}
    ) as first_in_to_first_out_seconds,
    cast(delay_summaries.median as {{ type_double() }})
        as median_in_to_out_seconds,
    {{ mean_or_zero('turns', 'events - 1') }} as direction_change_share,
    {{ mean_or_zero('incoming_before_first_outgoing', 'events - outgoing') }}
        as received_before_first_sent_share,
    {{ mean_or_zero('incoming_after_last_outgoing', 'events - outgoing') }}
        as received_after_last_sent_share,
    {{ mean_or_zero('largest_incoming_wei', 'incoming_wei') }}
        as largest_incoming_share,
    {{ mean_or_zero('largest_outgoing_wei', 'outgoing_wei') }}
        as largest_outgoing_share
from totals
left join delay_summaries
    on
        totals.window_id = delay_summaries.window_id
        and totals.address_key = delay_summaries.address_key
