-- depends_on: {{ ref('int_events__chain_intake') }}
{{ config(materialized='view' if loads_incrementally() else 'table') }}

{%- set columns = [
    'input_file', 'transaction_key', 'token_address_key', 'from_address_key',
    'to_address_key', 'value_number', 'log_index', 'block_number',
    'block_date', 'block_timestamp',
] %}

with

repeated_transfers as (

    select * from {{ ref('int_events__repeated_token_transfers') }}

),

repeated_transactions as (

    select distinct transaction_key from repeated_transfers

),

single_transfers as (

    select token_transfers.*
    from {{ ref('stg_chain__token_transfers') }} as token_transfers
    left join repeated_transactions
        on
            token_transfers.transaction_key
            = repeated_transactions.transaction_key
    where
        token_transfers.rejection_reason is null
        and repeated_transactions.transaction_key is null

),

token_transfers as (

    select {{ columns | join(', ') }} from single_transfers
    union all
    select {{ columns | join(', ') }} from repeated_transfers

),

other_times as (

    select * from {{ ref('int_events__token_transfer_times') }}

)

select
    {% for column in columns[:-1] -%}
    token_transfers.{{ column }},
    {% endfor -%}
    coalesce(token_transfers.block_timestamp, other_times.block_timestamp)
        as block_timestamp
from token_transfers
left join other_times
    on
        token_transfers.transaction_key = other_times.transaction_key
        and coalesce(token_transfers.block_number, -1)
        = other_times.block_number
where
    coalesce(
        token_transfers.block_timestamp
        >= {{ timestamp_literal(history_start()) }},
        true
    )
