with

repeated_transactions as (

    select * from {{ ref('int_events__repeated_transactions') }}

),

single_transactions as (

    select transactions.*
    from {{ ref('stg_chain__transactions') }} as transactions
    left join repeated_transactions
        on transactions.transaction_key = repeated_transactions.transaction_key
    where
        transactions.rejection_reason is null
        and repeated_transactions.transaction_key is null

),

transactions as (

    {%- set columns = [
        'input_file', 'transaction_key', 'from_address_key', 'to_address_key',
        'contract_address_key', 'value_wei', 'gas_limit', 'gas_price_wei',
        'effective_gas_price_wei', 'gas_used', 'block_number',
        'transaction_index', 'is_contract_creation', 'is_failed',
        'block_timestamp', 'block_date',
    ] | join(', ') %}

    select {{ columns }} from single_transactions
    union all
    select {{ columns }} from repeated_transactions

)

-- A failed transaction moves no ether, but its fee is paid. Where no status is
-- known the transaction counts as one that did not fail.
select
    input_file,

    transaction_key,
    from_address_key,
    to_address_key,
    contract_address_key,

    case when is_failed then 0 else {{ narrow_wei('value_wei') }} end
        as value_wei,
    cast(gas_used as {{ type_wei() }}) * effective_gas_price_wei as fee_wei,
    gas_limit,
    gas_price_wei,
    block_number,
    transaction_index,

    is_contract_creation,
    coalesce(is_failed, false) as is_failed,

    block_timestamp,
    block_date
from transactions
where block_timestamp >= {{ timestamp_literal(history_start()) }}
