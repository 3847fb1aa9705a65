-- depends_on: {{ ref('int_events__chain_intake') }}
{{ config(materialized='view' if loads_incrementally() else 'table') }}

with

token_transfers as (

    select * from {{ ref('stg_chain__token_transfers') }}
    where
        rejection_reason is null
        and coalesce(
            block_timestamp >= {{ timestamp_literal(history_start()) }}, true
        )

),

other_times as (

    select * from {{ ref('int_events__token_transfer_times') }}

)

select
    token_transfers.transaction_key,
    token_transfers.token_address_key,
    token_transfers.from_address_key,
    token_transfers.to_address_key,

    token_transfers.value_text,

    token_transfers.value_number,
    token_transfers.log_index,
    token_transfers.block_number,

    token_transfers.is_value_overflow,

    coalesce(token_transfers.block_timestamp, other_times.block_timestamp)
        as block_timestamp
from token_transfers
left join other_times
    on
        token_transfers.block_timestamp is null
        and token_transfers.transaction_key = other_times.transaction_key
        and coalesce(token_transfers.block_number, -1)
        = other_times.block_number
