with

intervals as (

    {{ merged_parts(
        'int_features__interval_parts',
        ['window_id', 'address_key', 'is_delay', 'seconds'],
        counts=['events']
    ) }}

),

running_counts as (

    select
        *,
        2 * sum(events) over (
            partition by window_id, address_key, is_delay order by seconds
        ) as twice_up_to,
        sum(events) over (partition by window_id, address_key, is_delay)
            as all_events
    from intervals

),

-- The middle value, or the mean of the middle two.
medians as (

    select
        window_id,
        address_key,
        is_delay,
        (
            min(case when twice_up_to >= all_events then seconds end)
            + min(case when twice_up_to > all_events then seconds end)
        ) / 2 as median_seconds
    from running_counts
    group by window_id, address_key, is_delay

)

select
    window_id,
    address_key,
    max(case when not is_delay then median_seconds end) as median_gap_seconds,
    max(case when is_delay then median_seconds end) as median_delay_seconds
from medians
group by window_id, address_key
