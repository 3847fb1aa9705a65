with

activity as (

    select * from {{ ref('int_features__address_activity') }}

),

received_values as (

    {{ merged_parts(
        'int_features__value_parts',
        ['window_id', 'address_key', 'received_wei'],
        counts=['events']
    ) }}

),

most_repeated as (

    select
        window_id,
        address_key,
        max(events) as events
    from received_values
    group by window_id, address_key

)

select
    activity.window_id,
    activity.address_key,
    {{ mean_or_zero(
        'activity.round_incoming_count', 'activity.positive_incoming_count'
    ) }} as round_incoming_share,
    {{ mean_or_zero(
        'activity.round_outgoing_count', 'activity.positive_outgoing_count'
    ) }} as round_outgoing_share,
    {{ mean_or_zero(
        'most_repeated.events', 'activity.positive_incoming_count'
    ) }} as repeated_incoming_value_share,
    {{ mean_or_zero(
        'activity.incoming_count + activity.outgoing_count'
        ~ ' - activity.positive_incoming_count'
        ~ ' - activity.positive_outgoing_count',
        'activity.incoming_count + activity.outgoing_count'
    ) }} as zero_value_share,
    {{ mean_or_zero(
        'activity.dust_count',
        'activity.incoming_count + activity.outgoing_count'
    ) }} as dust_share
from activity
left join most_repeated
    on
        activity.window_id = most_repeated.window_id
        and activity.address_key = most_repeated.address_key
