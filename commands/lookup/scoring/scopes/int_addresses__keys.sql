select
    address_key,
    address
from copy.scoring.int_addresses__keys

union

select
    address_key,
    address
from request.added_addresses
