-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('contracts') }} as chain

),

parsed_rows as (

    select
        {{ clean_text('address') }} as address,
        {{ parse_boolean('is_erc20') }} as is_erc20,
        {{ parse_boolean('is_erc721') }} as is_erc721,
        {{ clean_text('block_timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('block_timestamp') }} as block_timestamp
    from source

)

select
    *,
    case
        when {{ is_malformed_hex('address', 40) }} then 'malformed address'
        when block_timestamp_text is not null
            then {{ timestamp_rejection('block_timestamp') }}
    end as rejection_reason
from parsed_rows
