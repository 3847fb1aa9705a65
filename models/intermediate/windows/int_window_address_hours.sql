with

events as (

    select * from {{ ref('int_transaction_events') }}

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

activity as (

    select
        window_name,
        address_key,
        cast(incoming_count + outgoing_count as {{ type_double() }}) as events
    from {{ ref('int_window_address_activity') }}

),

hours as (

    select
        windows.window_name,
        events.address_key,
        extract(hour from events.block_timestamp) as hour_of_day,
        count(*) as events
    from events
    inner join windows
        on
            events.block_timestamp >= windows.window_start
            and events.block_timestamp < windows.window_end
    group by
        windows.window_name,
        events.address_key,
        extract(hour from events.block_timestamp)

),

shares as (

    select
        hours.*,
        hours.events / activity.events as share
    from hours
    inner join activity
        on
            hours.window_name = activity.window_name
            and hours.address_key = activity.address_key

)

-- Entropy in nats is the sum of share * ln(1 / share). The terms are summed
-- as integers of 1e-18, so that their order does not change the result.
select
    window_name,
    address_key,
    sum(events * hour_of_day)
    / cast(sum(events) as {{ type_double() }}) as hour_mean,
    sum(
        cast(
            round(share * ln(1 / share) * 1e18) as {{ dbt.type_bigint() }}
        )
    ) / (1e18 * ln(2)) as hour_entropy
from shares
group by window_name, address_key
