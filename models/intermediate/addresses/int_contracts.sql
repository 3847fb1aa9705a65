with

contracts as (

    select
        *,
        {{ text_key('address') }} as address_key
    from {{ ref('stg_crypto_ethereum__contracts') }}

),

tokens as (

    select
        *,
        {{ text_key('address') }} as address_key
    from {{ ref('stg_crypto_ethereum__tokens') }}

),

created as (

    select distinct contract_address_key as address_key
    from {{ ref('int_transactions') }}
    where contract_address_key is not null

),

moved_tokens as (

    select distinct token_address_key as address_key
    from {{ ref('int_token_transfers') }}

),

-- What the contracts table misses shows in creations and token transfers.
known as (

    select address_key from contracts
    union distinct
    select address_key from created
    union distinct
    select address_key from moved_tokens

)

select
    known.address_key,
    tokens.symbol as token_symbol,
    coalesce(contracts.is_erc20, false)
    or coalesce(contracts.is_erc721, false)
    or tokens.address_key is not null
    or moved_tokens.address_key is not null as is_token,
    contracts.created_at
from known
left join contracts on known.address_key = contracts.address_key
left join tokens on known.address_key = tokens.address_key
left join moved_tokens on known.address_key = moved_tokens.address_key
