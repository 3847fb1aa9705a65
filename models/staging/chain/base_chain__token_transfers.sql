-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('token_transfers') }} as chain

),

parsed_rows as (

    select
        {{ clean_text('token_address') }} as token_address,
        {{ clean_text('from_address') }} as from_address,
        {{ clean_text('to_address') }} as to_address,
        {{ clean_text('transaction_hash') }} as transaction_hash,

        {{ clean_text('value') }} as value_text,
        {{ parse_wei('value') }} as value_number,
        {{ parse_integer('log_index') }} as log_index,
        {{ parse_integer('block_number') }} as block_number,

        {{ clean_text('block_timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('block_timestamp') }} as block_timestamp

    from source

)

select
    *,
    case
        when {{ is_malformed_hex('transaction_hash', 64) }}
            then 'malformed transaction hash'
        when {{ is_malformed_hex('token_address', 40) }}
            then 'malformed token_address'
        when {{ is_malformed_hex('from_address', 40) }}
            then 'malformed from_address'
        when {{ is_malformed_hex('to_address', 40) }}
            then 'malformed to_address'
        when starts_with(value_text, '-') then 'negative value'
        when
            value_text is null
            or not {{ is_integral_number('value_text') }}
            or length(value_text) > 78
            then 'unparsable value'
        when block_timestamp_text is not null
            then {{ timestamp_rejection('block_timestamp') }}
    end as rejection_reason
from parsed_rows
