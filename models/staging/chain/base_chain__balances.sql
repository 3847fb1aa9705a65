with

source as (

    select * from {{ chain_table('balances') }} as chain

),

parsed_rows as (

    select
        input_file,
        {{ clean_hex('address') }} as address,
        {{ clean_text('eth_balance') }} as balance_text,
        {{ parse_wei('eth_balance') }} as balance_wei
    from source

)

select
    *,
    case
        when {{ is_malformed_hex('address', 40) }} then 'malformed address'
        else {{ wei_rejection('balance_wei', 'balance_text') }}
    end as rejection_reason
from parsed_rows
