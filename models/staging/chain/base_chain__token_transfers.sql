-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('token_transfers') }} as chain

),

parsed_rows as (

    select
        input_file,

        {{ clean_hex('token_address') }} as token_address,
        {{ clean_hex('from_address') }} as from_address,
        {{ clean_hex('to_address') }} as to_address,
        {{ clean_hex('transaction_hash') }} as transaction_hash,

        {{ clean_text('value') }} as value_text,
        {{ parse_wei('value') }} as value_number,
        log_index as log_index_value,
        {{ parse_integer('log_index') }} as log_index,
        block_number as block_number_value,
        {{ parse_integer('block_number') }} as block_number,

        {{ clean_text('block_timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('block_timestamp') }} as block_timestamp

    from source

),

judged_rows as (

    select
        *,
        case
            when {{ is_malformed_hex('transaction_hash', 64) }}
                then 'malformed transaction hash'
            when {{ is_malformed_hex('token_address', 40) }}
                then 'malformed token_address'
            -- Query services write transfers of ether like this.
            when
                token_address in ('0x{{ '0' * 40 }}', '0x{{ 'e' * 40 }}')
                then 'ether, not a token'
            when {{ is_malformed_hex('from_address', 40) }}
                then 'malformed from_address'
            when {{ is_malformed_hex('to_address', 40) }}
                then 'malformed to_address'
            when starts_with(value_text, '-') then 'negative value'
            -- A uint256 has at most 78 digits, or 64 hexadecimal ones.
            when
                value_text is null
                or length(value_text) > 78
                or not (
                    {{ is_integral_number('value_text') }}
                    or {{ matches('value_text', '0x[0-9a-f]{1,64}') }}
                )
                then 'unparsable value'
            else coalesce(
                {{ number_rejection(
                    'log_index_value', 'log_index', 'log_index', largest('index')
                ) }},
                {{ number_rejection(
                    'block_number_value', 'block_number', 'block_number',
                    largest('block_number')
                ) }},
                case
                    when block_timestamp_text is not null
                        then {{ timestamp_rejection('block_timestamp') }}
                end
            )
        end as rejection_reason
    from parsed_rows

)

select
    input_file,

    transaction_hash,
    token_address,
    from_address,
    to_address,

    value_number,
    log_index,
    block_number,

    block_timestamp,

    rejection_reason,
    case
        when rejection_reason is not null
            then {{ named_values([
                'transaction_hash', 'token_address', 'from_address',
                'to_address', 'value_text', 'log_index_value',
                'block_number_value', 'block_timestamp_text',
            ]) }}
    end as rejected_values
from judged_rows
