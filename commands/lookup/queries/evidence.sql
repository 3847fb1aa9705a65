-- The largest transactions: those that the queue names, else those of the copy.
select
    transaction_hash,
    block_timestamp,
    counterparty,
    cast(value_wei as string) as value_wei,
    is_outgoing
from {lookup_events} as events
where
    address = @address
    and (not @has_hashes or transaction_hash in unnest(@hashes))
-- A transfer to oneself has two sides and is one transaction.
qualify
    row_number() over (
        partition by transaction_key order by is_outgoing desc
    ) = 1
order by events.value_wei desc, block_timestamp asc, transaction_hash asc
limit 3
