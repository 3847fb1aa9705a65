{{ config(tags=['whole_history']) }}

-- The windows past and future share no event and miss none: for each address
-- they count, counts and amounts add up to those of lifetime. Where loads add
-- days, lifetime goes on, so who acted since is left out.
with

windows as (

    select * from {{ ref('feature_windows') }}

),

counted_before as (

    select
        {{ epoch_seconds('window_end') }}
        {%- if loads_incrementally() %}
        - 86400 * {{ setting('late_block_days') }}
        {%- endif %} as counted_before_seconds
    from windows
    where window_name = 'future'

),

activity as (

    select
        activity.address_key,
        case when windows.window_name = 'lifetime' then 1 else -1 end as sign,
        activity.incoming_count,
        activity.outgoing_count,
        coalesce(activity.incoming_wei, 0) as incoming_wei,
        coalesce(activity.outgoing_wei, 0) as outgoing_wei,
        {{ epoch_seconds('activity.last_event_at') }} as last_event_seconds
    from {{ ref('int_features__window_activity') }} as activity
    inner join {{ ref('int_features__backtest_population') }} as population
        on activity.address_key = population.address_key
    inner join windows on activity.window_id = windows.window_id
    where windows.window_name in ('past', 'future', 'lifetime')

)

select
    activity.address_key,
    sum(activity.sign * activity.incoming_count) as missing_incoming,
    sum(activity.sign * activity.outgoing_count) as missing_outgoing,
    {{ sum_exactly('activity.sign * activity.incoming_wei') }}
        as missing_incoming_wei,
    {{ sum_exactly('activity.sign * activity.outgoing_wei') }}
        as missing_outgoing_wei
from activity
cross join counted_before
group by activity.address_key
having
    max(activity.last_event_seconds)
    < max(counted_before.counted_before_seconds)
    and (
        sum(activity.sign * activity.incoming_count) <> 0
        or sum(activity.sign * activity.outgoing_count) <> 0
        or {{ sum_exactly('activity.sign * activity.incoming_wei') }} <> 0
        or {{ sum_exactly('activity.sign * activity.outgoing_wei') }} <> 0
    )
