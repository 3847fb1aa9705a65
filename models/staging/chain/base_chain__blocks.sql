-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('blocks') }} as chain

),

parsed_rows as (

    select
        {{ clean_text('number') }} as block_number_text,
        {{ parse_integer('number') }} as block_number,
        {{ clean_text('timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('timestamp') }} as block_timestamp
    from source

)

select
    *,
    case
        when block_number is null or block_number < 0
            then 'unparsable block number'
        else {{ timestamp_rejection('block_timestamp') }}
    end as rejection_reason
from parsed_rows
