with

token_transfers as (

    select * from {{ ref('int_events__token_transfers') }}

),

top_tokens as (

    select * from {{ ref('int_addresses__top_tokens') }}

),

sides as (

    select
        from_address_key as address_key,
        token_address_key,
        transaction_key,
        block_timestamp
    from token_transfers

    union all

    select
        to_address_key as address_key,
        token_address_key,
        transaction_key,
        block_timestamp
    from token_transfers

)

select
    sides.address_key,
    count(distinct top_tokens.token_address_key) as unique_tokens,
    count(distinct sides.transaction_key) as unique_transfers,
    min(sides.block_timestamp) as first_transfer_at,
    max(sides.block_timestamp) as last_transfer_at
from sides
left join top_tokens
    on sides.token_address_key = top_tokens.token_address_key
group by sides.address_key
