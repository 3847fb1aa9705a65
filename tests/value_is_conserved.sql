{{ config(tags=['whole_history']) }}

-- Every wei that leaves an address in a successful transaction arrives at one
-- or goes into a contract creation, and a failed transaction moves none.
with

accepted as (

    select
        {{ sum_exactly('value_wei') }} as moved_wei,
        {{ sum_exactly(
            'case when is_contract_creation then value_wei else 0 end'
        ) }} as creation_wei,
        {{ sum_exactly('case when is_failed then value_wei else 0 end') }}
            as failed_wei
    from {{ ref('int_events__transactions') }}

),

counted as (

    select
        {{ sum_exactly('activity.outgoing_wei') }} as outgoing_wei,
        {{ sum_exactly('activity.incoming_wei') }} as incoming_wei
    from {{ ref('int_features__address_activity') }} as activity
    inner join {{ ref('feature_windows') }} as windows
        on activity.window_id = windows.window_id
    where windows.window_name = 'lifetime'

)

select
    accepted.moved_wei,
    accepted.creation_wei,
    accepted.failed_wei,
    counted.outgoing_wei,
    counted.incoming_wei
from accepted
cross join counted
where
    counted.outgoing_wei <> accepted.moved_wei
    or counted.outgoing_wei
    <> coalesce(counted.incoming_wei, 0) + accepted.creation_wei
    or accepted.failed_wei <> 0
