with

token_transfers as (

    select * from {{ ref('int_events__token_transfers') }}

)

select
    token_address_key,
    count(*) as transfers
from token_transfers
group by token_address_key
