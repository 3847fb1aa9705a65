-- What the address did, as the copy has it and as the request adds to it.
select
    transaction_key,
    address_key,
    counterparty_key,
    value_wei,
    fee_wei,
    gas_limit,
    gas_price_wei,
    block_number,
    transaction_index,
    is_outgoing,
    is_contract_creation,
    is_failed,
    block_timestamp,
    block_date,
    event_bucket
from copy.lookup.events
where address in (select address from request.subjects)

union all by name

select
    added.* exclude (transaction_hash),
    0 as event_bucket
from request.added_events as added
where
    added.transaction_key not in (
        select transaction_key from copy.lookup.events
        where address in (select address from request.subjects)
    )
