{{ config(**table_by_day()) }}

with

transactions as (

    select * from {{ ref('stg_chain__transactions') }}
    where
        contract_address_key is not null
        -- A node names the address of a creation that failed, too.
        and not coalesce(is_failed, false)
        and rejection_reason is null
        and {{ is_day_of_this_load() }}

)

select distinct
    contract_address_key,
    block_date
from transactions
where block_timestamp >= {{ timestamp_literal(history_start()) }}
