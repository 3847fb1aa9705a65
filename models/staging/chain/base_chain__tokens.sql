with

source as (

    select * from {{ chain_table('tokens') }} as chain

),

parsed_rows as (

    select
        {{ clean_text('address') }} as address,
        nullif(cast(symbol as {{ dbt.type_string() }}), '') as symbol,
        nullif(cast(name as {{ dbt.type_string() }}), '') as token_name,
        {{ parse_integer('decimals') }} as decimals
    from source

)

select
    *,
    case
        when {{ is_malformed_hex('address', 40) }} then 'malformed address'
    end as rejection_reason
from parsed_rows
