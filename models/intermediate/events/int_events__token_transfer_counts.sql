with

days as (

    select * from {{ ref('int_events__token_transfer_days') }}
    where
        block_date >= cast('{{ history_start()[:10] }}' as date)
        or block_date = {{ unknown_day() }}

)

select
    token_address_key,
    cast(sum(transfers) as {{ dbt.type_bigint() }}) as transfers
from days
group by token_address_key
