-- Of all addresses only those that a step asks for by name: those asked about, and the tokens, of
-- which the busiest are found with it.
select
    address_key,
    address
from copy.scoring.int_addresses__keys
where
    address_key in (select address_key from request.subjects)
    or address_key in (
        select token_address_key
        from copy.scoring.int_events__token_transfer_counts
    )

union

select
    address_key,
    address
from request.added_addresses
