-- One row per side of a transaction, with the hash, newest first.
select
    addresses.address,
    counterparties.address as counterparty,
    hashes.transaction_hash,
    events.*
from {intermediate}.int_events__transaction_events as events
inner join {intermediate}.int_addresses__keys as addresses
    on events.address_key = addresses.address_key
left join {intermediate}.int_addresses__keys as counterparties
    on events.counterparty_key = counterparties.address_key
left join {intermediate}.int_events__transaction_hashes as hashes
    on
        events.transaction_key = hashes.transaction_key
        and events.block_date = hashes.block_date
order by
    addresses.address asc,
    events.block_timestamp desc,
    hashes.transaction_hash asc,
    events.is_outgoing asc
