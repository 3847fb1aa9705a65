{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

address_keys as (

    select * from {{ ref('int_addresses__keys') }}

),

transaction_activity as (

    select * from {{ ref('int_addresses__activity') }}

),

token_activity as (

    select * from {{ ref('int_addresses__token_activity') }}

),

balances as (

    select * from {{ ref('int_addresses__ether_balances') }}

),

contracts as (

    select * from {{ ref('int_addresses__contracts') }}

),

labels as (

    select * from {{ ref('int_addresses__label_states') }}

)

select
    address_keys.address,

    coalesce(labels.label_state, 'unlabelled') as label_state,
    labels.entity_category,
    contracts.token_symbol,

    coalesce(
        transaction_activity.incoming_count
        + transaction_activity.outgoing_count,
        0
    ) as event_count,

    contracts.address_key is not null as is_contract,
    coalesce(contracts.is_token, false) as is_token,

    {{ earlier_of(
        'transaction_activity.first_event_at',
        'token_activity.first_transfer_at'
    ) }} as first_seen_at,
    {{ later_of(
        'transaction_activity.last_event_at',
        'token_activity.last_transfer_at'
    ) }} as last_seen_at
from address_keys
left join transaction_activity
    on address_keys.address_key = transaction_activity.address_key
left join token_activity
    on address_keys.address_key = token_activity.address_key
left join balances on address_keys.address_key = balances.address_key
left join contracts on address_keys.address_key = contracts.address_key
left join labels on address_keys.address = labels.address
-- The keys also hold addresses that only rejected rows mention.
where
    transaction_activity.address_key is not null
    or token_activity.address_key is not null
    or balances.address_key is not null
    or contracts.address_key is not null
    or labels.address is not null
