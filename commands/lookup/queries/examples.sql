-- An address of each state, so that a new reader has something to ask for. The
-- one that is scored is the head of the queue, if there is a queue.
select
    state,
    min_by(address, (coalesce(alert_rank, 1000000000), address)) as address,
    min_by(risk_tier, (coalesce(alert_rank, 1000000000), address)) as risk_tier
from {lookup_addresses}
where state is not null
group by state
order by state
