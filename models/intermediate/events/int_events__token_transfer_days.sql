{{ config(**table_by_day(look_backs=1)) }}

with

-- A later copy can take transfers from the days a look-back before this load.
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
