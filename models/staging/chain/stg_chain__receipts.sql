{{ config(materialized='table') }}

with

receipts as (

    select * from {{ ref('base_chain__receipts') }}

)

-- A reorganised block can leave two. The later block is valid.
select
    input_file,
    transaction_hash,
    contract_address,
    receipt_status,
    gas_used,
    effective_gas_price_wei,
    block_number
from receipts
where rejection_reason is null
qualify
    row_number() over (
        partition by transaction_hash
        order by
            coalesce(block_number, -1) desc,
            input_file asc,
            case when gas_used is null then 1 else 0 end,
            gas_used asc
    ) = 1
