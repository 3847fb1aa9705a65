with

token_transfers as (

    select * from {{ ref('int_events__token_transfers') }}

),

token_counts as (

    select * from {{ ref('int_events__token_transfer_counts') }}

),

addresses as (

    select * from {{ ref('int_addresses__keys') }}

),

-- Most tokens are worthless. The thousand that move most stand for those that
-- people hold.
top_tokens as (

    select token_counts.token_address_key
    from token_counts
    inner join addresses
        on token_counts.token_address_key = addresses.address_key
    where true
    qualify
        row_number() over (
            order by token_counts.transfers desc, addresses.address asc
        ) <= 1000

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
