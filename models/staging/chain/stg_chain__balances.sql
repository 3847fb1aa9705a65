with

balances as (

    select * from {{ ref('base_chain__balances') }}

)

-- An address that an export lists twice keeps its largest balance.
select
    address,
    max(balance_wei) as balance_wei
from balances
where rejection_reason is null
group by address
