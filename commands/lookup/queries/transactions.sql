-- Newest first. The last one of the page before is the cursor.
select
    transaction_hash,
    block_number,
    block_timestamp,
    counterparty,
    cast(value_wei as string) as value_wei,
    cast(fee_wei as string) as fee_wei,
    is_outgoing,
    is_contract_creation,
    is_failed
from {lookup_events}
where
    address = @address
    and (
        not @has_cursor
        or block_timestamp < @cursor_time
        or (
            block_timestamp = @cursor_time
            and (
                transaction_hash > @cursor_hash
                or (transaction_hash = @cursor_hash and is_outgoing and not @cursor_is_outgoing)
            )
        )
    )
order by block_timestamp desc, transaction_hash asc, is_outgoing asc
limit @page_size
