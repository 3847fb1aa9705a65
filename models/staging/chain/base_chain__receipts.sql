with

source as (

    select * from {{ receipts() }} as receipts

),

parsed_rows as (

    select
        input_file,
        {{ clean_hex('transaction_hash') }} as transaction_hash,
        {{ clean_created_address('contract_address') }} as contract_address,
        status,
        {{ parse_flag('status') }} as receipt_status,
        gas_used as gas_used_value,
        {{ parse_integer('gas_used') }} as gas_used,
        effective_gas_price as effective_gas_price_value,
        {{ parse_integer('effective_gas_price') }} as effective_gas_price_wei,
        block_number as block_number_value,
        {{ parse_integer('block_number') }} as block_number
    from source

),

judged_rows as (

    select
        *,
        case
            when {{ is_malformed_hex('transaction_hash', 64) }}
                then 'malformed transaction hash'
            when
                contract_address is not null
                and {{ is_malformed_hex('contract_address', 40) }}
                then 'malformed contract_address'
            else coalesce(
                {{ number_rejection(
                'status', 'receipt_status', 'status', largest('flag')
            ) }},
                {{ number_rejection(
                    'gas_used_value', 'gas_used', 'gas_used', largest('gas')
                ) }},
                {{ number_rejection(
                    'effective_gas_price_value', 'effective_gas_price_wei',
                    'effective_gas_price', largest('gas_price')
                ) }},
                {{ number_rejection(
                    'block_number_value', 'block_number', 'block_number',
                    largest('block_number')
                ) }}
            )
        end as rejection_reason
    from parsed_rows

)

select
    input_file,

    transaction_hash,
    contract_address,

    receipt_status,
    gas_used,
    effective_gas_price_wei,
    block_number,

    rejection_reason,
    case
        when rejection_reason is not null
            then {{ named_values([
                'transaction_hash', 'contract_address', 'status',
                'gas_used_value', 'effective_gas_price_value',
                'block_number_value',
            ]) }}
    end as rejected_values
from judged_rows
