with

blocks as (

    select * from {{ ref('base_crypto_ethereum__blocks') }}

)

select
    block_number,
    min(block_timestamp) as block_timestamp
from blocks
where rejection_reason is null
group by block_number
