with

transfers as (

    {{ merged_parts(
        'int_addresses__transfer_parts', ['address_key'],
        counts=['unique_transfers'],
        smallest=['first_transfer_at'],
        largest=['last_transfer_at'],
        only_changed=false
    ) }}

),

tokens as (

    {{ merged_parts(
        'int_addresses__token_parts', ['address_key', 'token_address_key'],
        only_changed=false
    ) }}

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

held_tokens as (

    select
        tokens.address_key,
        count(*) as unique_tokens
    from tokens
    inner join top_tokens
        on tokens.token_address_key = top_tokens.token_address_key
    group by tokens.address_key

)

select
    transfers.address_key,
    coalesce(held_tokens.unique_tokens, 0) as unique_tokens,
    transfers.unique_transfers,
    transfers.first_transfer_at,
    transfers.last_transfer_at
from transfers
left join held_tokens on transfers.address_key = held_tokens.address_key
