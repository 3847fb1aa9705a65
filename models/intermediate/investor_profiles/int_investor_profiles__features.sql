{{ config(materialized='table', **layout_by_read_group()) }}
{%- set minimum = setting('min_ether_balance') %}

with

addresses as (

    select * from {{ ref('int_addresses__summaries') }}

),

balances as (

    select * from {{ ref('int_addresses__ether_balances') }}

),

balance_origin as (

    select count(case when is_balance_derived then 1 end) > 0 as is_derived
    from balances

),

token_activity as (

    select * from {{ ref('int_addresses__token_activity') }}

),

activity as (

    select * from {{ ref('int_addresses__activity') }}

),

features as (

    select
        addresses.address,
        addresses.entity_category,
        case
            when addresses.entity_category is not null
                then addresses.entity_category
            when addresses.is_contract then 'contract'
        end as entity,
        coalesce(balances.ether_balance, 0) as ether_balance,
        coalesce(token_activity.unique_tokens, 0) as unique_tokens,
        coalesce(token_activity.unique_transfers, 0) as unique_transfers,
        coalesce(
            activity.incoming_count + activity.outgoing_count,
            0
        ) as transactions,
        coalesce(
            {{ dbt.datediff(
                'addresses.first_seen_at', 'addresses.last_seen_at', 'second'
            ) }},
            0
        ) / 86400.0e0 as active_days,
        -- Counted with one more each way: half without transactions.
        (coalesce(activity.incoming_count, 0) + 1)
        / (
            coalesce(activity.incoming_count, 0)
            + coalesce(activity.outgoing_count, 0)
            + 2.0e0
        ) as incoming_share,
        balance_origin.is_derived as is_balance_derived
    from addresses
    cross join balance_origin
    left join balances
        on {{ text_key('addresses.address') }} = balances.address_key
    left join token_activity
        on {{ text_key('addresses.address') }} = token_activity.address_key
    left join activity
        on {{ text_key('addresses.address') }} = activity.address_key

),

address_states as (

    select
        *,
        case
            when address = '0x0000000000000000000000000000000000000000'
                then 'zero address'
            when ether_balance < {{ minimum }}
                then 'ether_balance below {{ minimum }} ETH'
        end as ineligible_reason
    from features

)

select
    address,
    entity_category,
    entity,
    ineligible_reason,
    {{ fingerprint([
        'ether_balance', 'unique_tokens', 'unique_transfers', 'transactions',
        'active_days', 'incoming_share',
    ]) }} as features_fingerprint,
    ether_balance,
    unique_tokens,
    unique_transfers,
    transactions,
    active_days,
    incoming_share,
    is_balance_derived,
    ineligible_reason is null as is_eligible,
    case when ineligible_reason is null then 1 else 0 end as read_group
from address_states
