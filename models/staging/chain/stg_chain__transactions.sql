{{ config(**table_by_day()) }}

{%- set validated_columns = [
    'transaction_hash', 'from_address', 'to_address', 'value_text',
    'block_timestamp_text',
] %}

with

transactions as (

    select * from {{ ref('base_chain__transactions') }}

)

-- Texts stay behind: the keys lead to int_addresses__keys and
-- int_events__transaction_hashes. A rejected row keeps its values.
select
    {{ text_key('transaction_hash') }} as transaction_key,
    {{ text_key('from_address') }} as from_address_key,
    {{ text_key('to_address') }} as to_address_key,
    {{ text_key('contract_address') }} as contract_address_key,

    rejection_reason,
    case when rejection_reason is not null then transaction_hash end
        as rejected_key,
    case
        when rejection_reason is not null
            then {{ named_values(validated_columns) }}
    end as rejected_values,
    1 as copies,

    value_wei,
    gas_limit,
    gas_price_wei,
    coalesce(effective_gas_price_wei, gas_price_wei)
        as effective_gas_price_wei,
    gas_used,
    block_number,
    transaction_index,

    to_address is null as is_contract_creation,
    coalesce(receipt_status = 0, false) as is_failed,

    block_timestamp,
    {{ block_date('block_timestamp') }} as block_date
from transactions
where {{ is_row_of_this_load('block_timestamp') }}
