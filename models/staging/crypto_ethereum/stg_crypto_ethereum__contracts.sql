with

contracts as (

    select * from {{ ref('base_crypto_ethereum__contracts') }}

)

-- A contract destroyed and created again has several rows.
select
    address,
    coalesce(max(cast(is_erc20 as {{ dbt.type_int() }})), 0) = 1
        as is_erc20,
    coalesce(max(cast(is_erc721 as {{ dbt.type_int() }})), 0) = 1
        as is_erc721,
    min(block_timestamp) as created_at
from contracts
where rejection_reason is null
group by address
