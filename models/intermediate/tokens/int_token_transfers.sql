-- depends_on: {{ ref('rejected_chain_rows') }}

with

token_transfers as (

    select * from {{ ref('stg_crypto_ethereum__token_transfers') }}

),

transactions as (

    select * from {{ ref('int_transactions') }}

),

blocks as (

    select * from {{ ref('stg_crypto_ethereum__blocks') }}

)

-- Some exports leave the time out; the transaction or the block knows it.
select
    {{ text_key('token_transfers.transaction_hash') }} as transaction_key,
    {{ text_key('token_transfers.token_address') }} as token_address_key,
    {{ text_key('token_transfers.from_address') }} as from_address_key,
    {{ text_key('token_transfers.to_address') }} as to_address_key,

    token_transfers.token_address,
    token_transfers.value_text,

    token_transfers.value_number,
    token_transfers.log_index,
    token_transfers.block_number,

    token_transfers.is_value_overflow,

    coalesce(
        token_transfers.block_timestamp,
        transactions.block_timestamp,
        blocks.block_timestamp
    ) as block_timestamp
from token_transfers
left join transactions
    on
        {{ text_key('token_transfers.transaction_hash') }}
        = transactions.transaction_key
left join blocks
    on token_transfers.block_number = blocks.block_number
