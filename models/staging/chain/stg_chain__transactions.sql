{{ config(**table_by_day()) }}

with

transactions as (

    select * from {{ ref('base_chain__transactions') }}

),

receipts as (

    select * from {{ ref('stg_chain__receipts') }}

),

-- Some exporters keep receipts in a table of their own.
transactions_with_receipts as (

    select
        transactions.*,
        coalesce(transactions.contract_address, receipts.contract_address)
            as created_address,
        coalesce(transactions.receipt_status, receipts.receipt_status)
            as status,
        coalesce(transactions.gas_used, receipts.gas_used) as units_used,
        coalesce(
            transactions.effective_gas_price_wei,
            receipts.effective_gas_price_wei,
            transactions.gas_price_wei
        ) as price_paid_wei
    from transactions
    left join receipts
        on transactions.transaction_hash = receipts.transaction_hash

)

-- Texts stay behind: the keys lead to int_addresses__keys and
-- int_events__transaction_hashes. A rejected row keeps its values.
select
    input_file,

    {{ text_key('transaction_hash') }} as transaction_key,
    {{ text_key('from_address') }} as from_address_key,
    {{ text_key('to_address') }} as to_address_key,
    {{ text_key('created_address') }} as contract_address_key,

    rejection_reason,
    case when rejection_reason is not null then transaction_hash end
        as rejected_key,
    rejected_values,

    value_wei,
    gas_limit,
    gas_price_wei,
    price_paid_wei as effective_gas_price_wei,
    units_used as gas_used,
    block_number,
    transaction_index,

    to_address is null as is_contract_creation,
    status = 0 as is_failed,

    block_timestamp,
    {{ block_date('block_timestamp') }} as block_date
from transactions_with_receipts
where {{ is_row_of_this_load('block_timestamp') }}
