-- depends_on: {{ ref('int_events__chain_intake') }}

with

token_transfers as (

    select * from {{ ref('stg_chain__token_transfers') }}
    where
        rejection_reason is null
        and coalesce(
            block_timestamp >= {{ timestamp_literal(history_start()) }}, true
        )

)

select
    token_address_key,
    count(*) as transfers
from token_transfers
group by token_address_key
