with

source as (

    select * from {{ chain_table('tokens') }} as chain

),

parsed_rows as (

    select
        input_file,
        {{ clean_hex('address') }} as address,
        nullif(cast(symbol as {{ dbt.type_string() }}), '') as symbol
    from source

)

select
    *,
    case
        when {{ is_malformed_hex('address', 40) }} then 'malformed address'
    end as rejection_reason
from parsed_rows
