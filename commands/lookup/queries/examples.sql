-- One address of each state, so that a new reader has something to ask for.
select
    min(address) as address,
    state
from {lookup_addresses}
where state is not null
group by state
order by state
