-- Token transfers of the address and of addresses that look like it. A request is read as one more
-- file of the input: a transfer that the copy has already is known by its log index, and without one
-- by what it moves, where equal transfers of one file are different ones.
with

alike as (

    select address_key from request.subjects

    union

    select others.address_key
    from copy.scoring.int_features__lookalikes as own
    inner join copy.scoring.int_features__lookalikes as others
        on own.look = others.look
    where own.address_key in (select address_key from request.subjects)

),

known_transfers as (

    select
        *,
        row_number() over (
            partition by
                transaction_key, token_address_key, from_address_key,
                to_address_key, value_number
        ) as occurrence
    from copy.scoring.int_events__token_transfers
    where
        transaction_key in (
            select transaction_key from request.added_token_transfers
        )

),

brought_transfers as (

    select
        *,
        row_number() over (
            partition by
                transaction_key, token_address_key, from_address_key,
                to_address_key, value_number
            order by log_index
        ) as occurrence
    from (
        select * from request.added_token_transfers
        qualify
            log_index is null
            or row_number() over (
                partition by transaction_key, log_index
                order by
                    token_address_key, from_address_key, to_address_key,
                    value_number
            ) = 1
    ) as distinct_transfers

),

new_transfers as (

    select brought.* exclude (occurrence)
    from brought_transfers as brought
    anti join known_transfers as known
        on
            brought.transaction_key = known.transaction_key
            and (
                brought.log_index = known.log_index
                or (
                    (brought.log_index is null or known.log_index is null)
                    and brought.token_address_key = known.token_address_key
                    and brought.from_address_key = known.from_address_key
                    and brought.to_address_key = known.to_address_key
                    and brought.value_number
                    is not distinct from known.value_number
                    and brought.occurrence = known.occurrence
                )
            )

)

select * from copy.scoring.int_events__token_transfers
where
    from_address_key in (select address_key from alike)
    or to_address_key in (select address_key from alike)

union all by name

select * from new_transfers
