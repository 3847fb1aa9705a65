-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('contracts') }} as chain

),

parsed_rows as (

    select
        input_file,
        {{ clean_hex('address') }} as address,
        is_erc20 as is_erc20_value,
        {{ parse_flag('is_erc20') }} as is_erc20,
        is_erc721 as is_erc721_value,
        {{ parse_flag('is_erc721') }} as is_erc721,
        {{ clean_text('block_timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('block_timestamp') }} as block_timestamp,

        -- Its beginning tells a contract's code from that of a wallet.
        {{ clean_text(
            'substr(cast(bytecode as ' ~ dbt.type_string() ~ '), 1, 49)'
        ) }} as bytecode_start
    from source

)

select
    input_file,
    address,
    is_erc20 = 1 as is_erc20,
    is_erc721 = 1 as is_erc721,
    block_timestamp_text,
    block_timestamp,
    -- Nodes and libraries say 0x, 0x0 or nothing of an address without code. A
    -- wallet that delegates to a contract (EIP-7702) has code ef0100 and its
    -- address.
    {{ matches('bytecode_start', '(0x)?(0{0,40}|ef0100[0-9a-f]{40})') }}
        as is_wallet,
    case
        when {{ is_malformed_hex('address', 40) }} then 'malformed address'
        when not {{ matches('bytecode_start', '(0x)?[0-9a-f]*') }}
            then 'unparsable bytecode'
        else coalesce(
            {{ number_rejection(
                'is_erc20_value', 'is_erc20', 'is_erc20', largest('flag')
            ) }},
            {{ number_rejection(
                'is_erc721_value', 'is_erc721', 'is_erc721', largest('flag')
            ) }},
            case
                when block_timestamp_text is not null
                    then {{ timestamp_rejection('block_timestamp') }}
            end
        )
    end as rejection_reason
from parsed_rows
