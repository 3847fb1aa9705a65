{%- set minimum = var('min_ether_balance') %}

with

addresses as (

    select * from {{ ref('addresses') }}

),

balances as (

    select * from {{ ref('int_ether_balances') }}

),

derived as (

    select count(case when is_balance_derived then 1 end) > 0 as is_derived
    from balances

),

token_activity as (

    select * from {{ ref('int_address_token_activity') }}

),

features as (

    select
        addresses.address,
        addresses.entity_category,
        coalesce(balances.ether_balance, 0) as ether_balance,
        coalesce(token_activity.unique_tokens, 0) as unique_tokens,
        coalesce(token_activity.unique_transfers, 0) as unique_transfers,
        addresses.is_contract,
        derived.is_derived as is_balance_derived
    from addresses
    cross join derived
    left join balances
        on {{ text_key('addresses.address') }} = balances.address_key
    left join token_activity
        on {{ text_key('addresses.address') }} = token_activity.address_key

),

judged as (

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
    ineligible_reason,
    {{ fingerprint([
        'ether_balance', 'unique_tokens', 'unique_transfers',
    ]) }} as features_fingerprint,
    ether_balance,
    unique_tokens,
    unique_transfers,
    is_contract,
    is_balance_derived,
    ineligible_reason is null as is_eligible
from judged
