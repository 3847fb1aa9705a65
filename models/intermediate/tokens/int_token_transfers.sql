-- depends_on: {{ ref('rejected_chain_rows') }}
-- depends_on: {{ ref('int_transactions') }}
-- depends_on: {{ ref('stg_crypto_ethereum__blocks') }}
{{ config(materialized='view' if loads_incrementally() else 'table') }}

{%- set fills_times = token_times_may_be_missing() %}

with

token_transfers as (

    select * from {{ ref('stg_crypto_ethereum__token_transfers') }}
    where
        rejection_reason is null
        and coalesce(
            block_timestamp >= {{ timestamp_literal(history_start()) }}, true
        )

)

{%- if fills_times %},

blocks as (

    select
        block_number,
        min(block_timestamp) as block_timestamp
    from {{ ref('stg_crypto_ethereum__blocks') }}
    where rejection_reason is null
    group by block_number

)
{%- endif %}

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

    {% if fills_times -%}
    -- Some exports leave the time out; the transaction or the block knows it.
    coalesce(
        token_transfers.block_timestamp,
        transactions.block_timestamp,
        blocks.block_timestamp
    ) as block_timestamp
    {%- else -%}
    token_transfers.block_timestamp
    {%- endif %}
from token_transfers
{%- if fills_times %}
left join {{ ref('int_transactions') }} as transactions
    on
        token_transfers.transaction_key = transactions.transaction_key
        and token_transfers.block_timestamp is null
left join blocks
    on
        token_transfers.block_number = blocks.block_number
        and token_transfers.block_timestamp is null
{%- endif %}
