with

token_transfers as (

    select * from {{ ref('base_crypto_ethereum__token_transfers') }}

)

select distinct
    transaction_hash,
    token_address,
    from_address,
    to_address,

    value_text,
    value_number,
    log_index,
    block_number,

    value_number is null as is_value_overflow,

    block_timestamp
from token_transfers
where
    rejection_reason is null
    and coalesce(
        block_timestamp >= {{ timestamp_literal(var('history_start')) }}, true
    )
