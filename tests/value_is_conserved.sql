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

activity as (

    select
        {{ sum_exactly('outgoing_wei') }} as outgoing_wei,
        {{ sum_exactly('incoming_wei') }} as incoming_wei
    from {{ ref('int_addresses__activity') }}

)

select
    accepted.moved_wei,
    accepted.creation_wei,
    accepted.failed_wei,
    activity.outgoing_wei,
    activity.incoming_wei
from accepted
cross join activity
where
    activity.outgoing_wei <> accepted.moved_wei
    or activity.outgoing_wei
    <> coalesce(activity.incoming_wei, 0) + accepted.creation_wei
    or accepted.failed_wei <> 0
