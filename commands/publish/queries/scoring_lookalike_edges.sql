-- Counterparties whose address looks like that of another address.
select
    windows.window_id,
    edges.address_key,
    edges.counterparty_key,
    edges.incoming_count,
    edges.outgoing_count,
    edges.incoming_wei,
    edges.outgoing_wei
from copy.lookup.counterparties as edges
cross join copy.scoring.int_features__windows as windows
inner join copy.scoring.int_features__lookalikes as lookalikes
    on edges.counterparty_key = lookalikes.address_key
order by edges.address_key
