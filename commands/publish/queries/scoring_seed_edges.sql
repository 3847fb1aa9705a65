-- Counterparties of the scams that the newest training knows, for the second hop.
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
inner join copy.scoring.int_scam_training__addresses as seeds
    on edges.address = seeds.address
order by edges.counterparty_key
