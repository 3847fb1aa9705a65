{{ config(tags=['whole_history']) }}

-- A transaction is an event of both its sides, a contract creation of its
-- sender only, and each event counts once in the features of one address.
with

transactions as (

    select
        2 * count(*) - count(case when is_contract_creation then 1 end)
            as expected_events
    from {{ ref('int_events__transactions') }}

),

events as (

    select count(*) as events
    from {{ ref('int_events__transaction_events') }}

),

features as (

    select coalesce(sum(tx_count), 0) as counted_events
    from {{ ref('address_window_features') }}
    where window_name = 'lifetime'

)

select
    transactions.expected_events,
    events.events,
    features.counted_events
from transactions
cross join events
cross join features
where
    transactions.expected_events <> events.events
    or transactions.expected_events <> features.counted_events
