-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('transactions') }} as chain

),

parsed_rows as (

    select
        {{ clean_text(adapter.quote('hash')) }} as transaction_hash,
        {{ clean_text('from_address') }} as from_address,
        {{ clean_text('to_address') }} as to_address,
        {{ clean_text('receipt_contract_address') }} as contract_address,

        {{ clean_text('value') }} as value_text,
        {{ parse_wei('value') }} as value_wei,
        {{ parse_integer('gas') }} as gas_limit,
        {{ parse_integer('gas_price') }} as gas_price_wei,
        {{ parse_integer('receipt_effective_gas_price') }}
            as effective_gas_price_wei,
        {{ parse_integer('receipt_gas_used') }} as gas_used,
        {{ parse_integer('receipt_status') }} as receipt_status,
        {{ parse_integer('transaction_index') }} as transaction_index,
        {{ parse_integer('block_number') }} as block_number,

        {{ clean_text('block_timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('block_timestamp') }} as block_timestamp

    from source

)

-- Nearly every row passes the one check. Only the others need a reason.
select
    *,
    case
        when
            {{ is_hex('transaction_hash', 64) }}
            and {{ is_hex('from_address', 40) }}
            and (to_address is null or {{ is_hex('to_address', 40) }})
            and {{ is_possible_wei('value_wei') }}
            and {{ is_possible_time('block_timestamp') }}
            then cast(null as {{ dbt.type_string() }})
        when {{ is_malformed_hex('transaction_hash', 64) }}
            then 'malformed transaction hash'
        when {{ is_malformed_hex('from_address', 40) }}
            then 'malformed from_address'
        when
            to_address is not null
            and {{ is_malformed_hex('to_address', 40) }}
            then 'malformed to_address'
        else coalesce(
            {{ wei_rejection('value_wei', 'value_text') }},
            {{ timestamp_rejection('block_timestamp') }}
        )
    end as rejection_reason
from parsed_rows
