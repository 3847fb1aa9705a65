-- The busiest first. The last one of the page before is the cursor.
select
    counterparty as address,
    incoming_count,
    outgoing_count,
    events,
    cast(incoming_wei as string) as incoming_wei,
    cast(outgoing_wei as string) as outgoing_wei,
    label_state,
    entity_category,
    is_contract,
    state,
    risk_tier
from {lookup_counterparties}
where
    address = @address
    and (
        not @has_cursor
        or events < @cursor_events
        or (events = @cursor_events and counterparty > @cursor_counterparty)
    )
order by events desc, counterparty asc
limit @page_size
