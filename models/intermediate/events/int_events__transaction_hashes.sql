{{ config(**table_by_day(cluster_by=['transaction_key'])) }}

with

transactions as (

    select * from {{ ref('base_chain__transactions') }}

)

-- Rows are validated elsewhere. A hash that only rejected rows have is here
-- too, but no event leads to it.
select distinct
    {{ text_key('transaction_hash') }} as transaction_key,
    transaction_hash,
    {{ block_date('block_timestamp') }} as block_date
from transactions
where
    transaction_hash is not null
    and {{ is_row_of_this_load('block_timestamp') }}
