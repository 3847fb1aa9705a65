{{ config(**table_by_day(look_backs=1)) }}

with

-- A copy in this load can replace transfers of a look-back before it.
token_transfers as (

    select * from {{ ref('int_events__token_transfers') }}
    where {{ is_day_of_this_load(look_backs=1) }}

)

select
    token_address_key,
    count(*) as transfers,
    block_date
from token_transfers
group by token_address_key, block_date
