-- depends_on: {{ ref('base_chain__load_bounds') }}

{#- What the public table calls a number, what it becomes, and its largest. -#}
{%- set numbers = [
    ('gas', 'gas_limit', 'gas'),
    ('gas_price', 'gas_price_wei', 'gas_price'),
    ('receipt_effective_gas_price', 'effective_gas_price_wei', 'gas_price'),
    ('receipt_gas_used', 'gas_used', 'gas'),
    ('transaction_index', 'transaction_index', 'index'),
    ('block_number', 'block_number', 'block_number'),
] %}

with

source as (

    select * from {{ chain_table('transactions') }} as chain

),

parsed_rows as (

    select
        input_file,

        {{ clean_hex(adapter.quote('hash')) }} as transaction_hash,
        {{ clean_hex('from_address') }} as from_address,
        {{ clean_hex('to_address') }} as to_address,
        {{ clean_created_address('receipt_contract_address') }}
            as contract_address,

        value as value_value,
        {{ parse_wei('value') }} as value_wei,
        {% for column, name, _ in numbers -%}
        {{ column }} as {{ column }}_value,
        {{ parse_integer(column) }} as {{ name }},
        {% endfor -%}
        receipt_status as receipt_status_value,
        {{ parse_flag('receipt_status') }} as receipt_status,

        block_timestamp as block_timestamp_value,
        {{ parse_timestamp('block_timestamp') }} as block_timestamp

    from source

),

-- Nearly every row passes the one check. Only the others need a reason, and
-- their values as text.
judged_rows as (

    select
        *,
        case
            when
                {{ is_hex('transaction_hash', 64) }}
                and {{ is_hex('from_address', 40) }}
                and (to_address is null or {{ is_hex('to_address', 40) }})
                and (
                    contract_address is null
                    or {{ is_hex('contract_address', 40) }}
                )
                and {{ is_possible_wei('value_wei') }}
                and {{ is_possible_time('block_timestamp') }}
                {%- for column, name, quantity in numbers
                    + [('receipt_status', 'receipt_status', 'flag')] %}
                and {{ is_possible_number(
                    column ~ '_value', name, largest(quantity)
                ) }}
                {%- endfor %}
                then cast(null as {{ dbt.type_string() }})
            when {{ is_malformed_hex('transaction_hash', 64) }}
                then 'malformed transaction hash'
            when {{ is_malformed_hex('from_address', 40) }}
                then 'malformed from_address'
            when
                to_address is not null
                and {{ is_malformed_hex('to_address', 40) }}
                then 'malformed to_address'
            when
                contract_address is not null
                and {{ is_malformed_hex('contract_address', 40) }}
                then 'malformed receipt_contract_address'
            else coalesce(
                {{ wei_rejection('value_wei', clean_text('value_value')) }},
                {{ timestamp_rejection('block_timestamp') }}
                {%- for column, name, quantity in numbers
                    + [('receipt_status', 'receipt_status', 'flag')] %},
                {{ number_rejection(
                    column ~ '_value', name, column, largest(quantity)
                ) }}
                {%- endfor %}
            )
        end as rejection_reason
    from parsed_rows

)

select
    input_file,

    transaction_hash,
    from_address,
    to_address,
    contract_address,

    value_wei,
    gas_limit,
    gas_price_wei,
    effective_gas_price_wei,
    gas_used,
    receipt_status,
    transaction_index,
    block_number,

    block_timestamp,

    rejection_reason,
    case
        when rejection_reason is not null
            then {{ named_values([
                'transaction_hash', 'from_address', 'to_address',
                'contract_address', 'value_value', 'block_timestamp_value',
                'gas_value', 'gas_price_value',
                'receipt_effective_gas_price_value', 'receipt_gas_used_value',
                'receipt_status_value', 'transaction_index_value',
                'block_number_value',
            ]) }}
    end as rejected_values
from judged_rows
