with

token_transfers as (

    select * from {{ ref('int_token_transfers') }}

),

token_counts as (

    select
        token_address_key,
        token_address,
        count(*) as transfers
    from token_transfers
    group by token_address_key, token_address

),

ranked as (

    select
        *,
        row_number() over (
            order by transfers desc, token_address asc
        ) as transfer_rank
    from token_counts

)

select * from ranked
where transfer_rank <= 1000
