-- Token transfers of the address and of addresses that look like it.
with

alike as (

    select address_key from request.subjects

    union

    select others.address_key
    from copy.scoring.int_features__lookalikes as own
    inner join copy.scoring.int_features__lookalikes as others
        on own.look = others.look
    where own.address_key in (select address_key from request.subjects)

)

select * from copy.scoring.int_events__token_transfers
where
    from_address_key in (select address_key from alike)
    or to_address_key in (select address_key from alike)

union all by name

select * from request.added_token_transfers
where
    transaction_key not in (
        select transaction_key from copy.scoring.int_events__token_transfers
    )
