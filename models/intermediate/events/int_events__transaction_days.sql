{{ config(**table_by_day()) }}

with

transactions as (

    select * from {{ ref('int_events__transactions') }}
    where {{ is_day_of_this_load() }}

)

select
    count(*) as transactions,
    max(block_timestamp) as last_transaction_at,
    block_date
from transactions
group by block_date
