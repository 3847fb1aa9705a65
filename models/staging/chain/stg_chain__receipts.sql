{{ config(materialized='table') }}

with

receipts as (

    select * from {{ ref('base_chain__receipts') }}

)

-- A reorganised block can leave two. The later block is valid, and of two from
-- one block the one that knows most counts.
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
            case when receipt_status is null then 1 else 0 end asc,
            case when gas_used is null then 1 else 0 end asc,
            case when contract_address is null then 1 else 0 end asc,
            case when effective_gas_price_wei is null then 1 else 0 end asc,
            gas_used asc,
            receipt_status asc,
            contract_address asc,
            effective_gas_price_wei asc,
            input_file asc
    ) = 1
