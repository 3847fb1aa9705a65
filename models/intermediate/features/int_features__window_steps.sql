{#- The first of the new events follows one that was counted before. -#}
{%- set counted = adds_to_parts()
    and built_relation('int_features__flow_parts') %}

with

-- Within a second, what comes in counts as first. The time of the latest
-- incoming event is carried forward, which takes one read of the sorted rows
-- where a running maximum takes a search for each.
ordered_events as (

    select
        address_key,
        is_outgoing,
        value_wei,
        block_timestamp,
        {{ is_in_backtests('address_key') }} as is_in_backtests,
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
    from {{ ref('int_features__new_events') }}
    window
        sequence as (
            partition by address_key
            order by block_timestamp, is_outgoing
        )

),

{% if counted -%}
-- What an address did last before the new events.
counted_events as (

    select
        address_key,
        max(last_number) as last_number,
        max(last_incoming_at) as latest_incoming_at,
        coalesce(
            max(last_outgoing_at) >= max(last_incoming_at),
            max(last_outgoing_at) is not null
        ) as was_outgoing,
        {{ later_of('max(last_incoming_at)', 'max(last_outgoing_at)') }}
            as previous_at
    from {{ counted }}
    where
        settled_before <= cast('{{ fold_bounds().start }}' as date)
        and {{ is_lifetime('window_id') }}
        and address_key in (select address_key from ordered_events)
    group by address_key

),

events as (

    select
        added.address_key,
        added.is_outgoing,
        added.value_wei,
        added.block_timestamp,
        added.is_in_backtests,
        added.event_number + coalesce(counted.last_number, 0) as event_number,
        coalesce(added.was_outgoing, counted.was_outgoing) as was_outgoing,
        coalesce(added.previous_at, counted.previous_at) as previous_at,
        coalesce(added.latest_incoming_at, counted.latest_incoming_at)
            as latest_incoming_at
    from ordered_events as added
    left join counted_events as counted
        on added.address_key = counted.address_key

),
{%- else -%}
events as (

    select * from ordered_events

),
{%- endif %}

windows as (

    select * from {{ ref('int_features__windows') }}
    where is_counted

)

-- What happened before the window does not exist for it.
select
    windows.window_id,
    events.address_key,
    events.is_outgoing,
    events.value_wei,
    events.block_timestamp,
    {%- if loads_incrementally() %}
    {{ settled_before(is_open_time('events.block_timestamp'), 'windows') }}
        as settled_before,
    {%- endif %}
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
        and (windows.window_name = 'lifetime' or events.is_in_backtests)
