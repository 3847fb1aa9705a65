-- One row per address × counterparty over all time, the busiest first, with what is known of it.
select
    addresses.address,
    counterparties.address as counterparty,
    edges.address_key,
    edges.counterparty_key,
    edges.incoming_count,
    edges.outgoing_count,
    edges.incoming_count + edges.outgoing_count as events,
    edges.incoming_wei,
    edges.outgoing_wei,
    known.label_state,
    known.entity_category,
    known.is_contract,
    known.state,
    known.risk_tier
from {intermediate}.int_features__window_edges as edges
inner join {intermediate}.int_features__windows as windows
    on
        edges.window_id = windows.window_id
        and windows.window_name = 'lifetime'
inner join {intermediate}.int_addresses__keys as addresses
    on edges.address_key = addresses.address_key
inner join {intermediate}.int_addresses__keys as counterparties
    on edges.counterparty_key = counterparties.address_key
left join copy.lookup.addresses as known
    on counterparties.address = known.address
order by
    addresses.address asc,
    events desc,
    counterparties.address asc
