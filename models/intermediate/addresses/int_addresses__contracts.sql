with

listed_addresses as (

    select
        *,
        coalesce(is_erc20, false) or coalesce(is_erc721, false) as is_token
    from {{ ref('stg_chain__contracts') }}
    where rejection_reason is null

),

files_with_code as (

    select distinct input_file from listed_addresses
    where is_wallet is not null

),

-- Where a file has code of some addresses, one without is a wallet. A contract
-- destroyed and created again has several rows.
contracts as (

    select
        listed_addresses.address_key,
        max(case when listed_addresses.is_token then 1 else 0 end) = 1
            as is_token
    from listed_addresses
    left join files_with_code
        on listed_addresses.input_file = files_with_code.input_file
    where
        not coalesce(
            listed_addresses.is_wallet,
            files_with_code.input_file is not null
            and not listed_addresses.is_token
        )
    group by listed_addresses.address_key

),

tokens as (

    select
        *,
        {{ text_key('address') }} as address_key
    from {{ ref('stg_chain__tokens') }}

),

created_contracts as (

    select distinct contract_address_key as address_key
    from {{ ref('int_events__created_contracts') }}
    where block_date >= cast('{{ history_start()[:10] }}' as date)

),

moved_tokens as (

    select token_address_key as address_key
    from {{ ref('int_events__token_transfer_counts') }}

),

-- What the contracts table misses shows in creations and token transfers.
known_contracts as (

    select address_key from contracts
    union distinct
    select address_key from created_contracts
    union distinct
    select address_key from moved_tokens

)

select
    known_contracts.address_key,
    tokens.symbol as token_symbol,
    coalesce(contracts.is_token, false)
    or tokens.address_key is not null
    or moved_tokens.address_key is not null as is_token
from known_contracts
left join contracts on known_contracts.address_key = contracts.address_key
left join tokens on known_contracts.address_key = tokens.address_key
left join moved_tokens on known_contracts.address_key = moved_tokens.address_key
