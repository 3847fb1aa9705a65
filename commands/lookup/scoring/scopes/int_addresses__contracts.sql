-- What a transaction of the request says it has created is a contract, as in a build.
select * from copy.scoring.int_addresses__contracts

union all

select
    added.address_key,
    null as token_symbol,
    false as is_token
from request.added_contracts as added
where
    added.address_key not in (
        select address_key from copy.scoring.int_addresses__contracts
    )
