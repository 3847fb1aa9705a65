with

tokens as (

    select * from {{ ref('base_chain__tokens') }}

)

-- A redeployed token has several rows. Any of them names it.
select
    address,
    min(symbol) as symbol
from tokens
where rejection_reason is null
group by address
