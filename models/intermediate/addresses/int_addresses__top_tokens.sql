with

token_counts as (

    select * from {{ ref('int_events__token_transfer_counts') }}

),

addresses as (

    select * from {{ ref('int_addresses__keys') }}

),

ranked as (

    select
        token_counts.token_address_key,
        addresses.address as token_address,
        token_counts.transfers,
        row_number() over (
            order by token_counts.transfers desc, addresses.address asc
        ) as transfer_rank
    from token_counts
    inner join addresses
        on token_counts.token_address_key = addresses.address_key

)

select * from ranked
where transfer_rank <= 1000
