{{ config(tags=['whole_history']) }}

-- The windows past and future share no event and miss none: for each address
-- their counts and amounts add up to those of lifetime.
with

activity as (

    select
        activity.address_key,
        case when windows.window_name = 'lifetime' then 1 else -1 end as sign,
        activity.incoming_count,
        activity.outgoing_count,
        coalesce(activity.incoming_wei, 0) as incoming_wei,
        coalesce(activity.outgoing_wei, 0) as outgoing_wei
    from {{ ref('int_features__window_activity') }} as activity
    inner join {{ ref('feature_windows') }} as windows
        on activity.window_id = windows.window_id
    where windows.window_name in ('past', 'future', 'lifetime')

)

select
    address_key,
    sum(sign * incoming_count) as missing_incoming,
    sum(sign * outgoing_count) as missing_outgoing,
    {{ sum_exactly('sign * incoming_wei') }} as missing_incoming_wei,
    {{ sum_exactly('sign * outgoing_wei') }} as missing_outgoing_wei
from activity
group by address_key
having
    sum(sign * incoming_count) <> 0
    or sum(sign * outgoing_count) <> 0
    or {{ sum_exactly('sign * incoming_wei') }} <> 0
    or {{ sum_exactly('sign * outgoing_wei') }} <> 0
