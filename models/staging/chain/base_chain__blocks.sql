-- depends_on: {{ ref('base_chain__load_bounds') }}

with

source as (

    select * from {{ chain_table('blocks') }} as chain

),

parsed_rows as (

    select
        input_file,
        {{ clean_text('number') }} as block_number_text,
        {{ parse_integer('number') }} as block_number,
        {{ clean_text('timestamp') }} as block_timestamp_text,
        {{ parse_timestamp('timestamp') }} as block_timestamp
    from source

)

-- Every node gives the genesis block the time 0.
select
    *,
    case
        when
            block_number is null
            or block_number not between 0 and {{ largest('block_number') }}
            then 'unparsable block number'
        when block_number = 0 and block_timestamp is not null
            then cast(null as {{ dbt.type_string() }})
        else {{ timestamp_rejection('block_timestamp') }}
    end as rejection_reason
from parsed_rows
