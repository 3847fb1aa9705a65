with

source as (

    select * from {{ labeled_transactions() }} as chain

),

sides as (

    select
        {{ clean_text('from_address') }} as address,
        {{ label_category('from_category') }} as reported_category,
        {{ parse_integer('from_scam') }} as is_scam
    from source
    where from_scam is not null or from_category is not null

    union distinct

    select
        {{ clean_text('to_address') }} as address,
        {{ label_category('to_category') }} as reported_category,
        {{ parse_integer('to_scam') }} as is_scam
    from source
    where to_scam is not null or to_category is not null

)

select * from sides
where {{ is_hex('address', 40) }}
