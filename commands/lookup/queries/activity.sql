select
    cast(block_timestamp as date) as event_date,
    sum(case when is_outgoing then 0 else 1 end) as incoming_count,
    sum(case when is_outgoing then 1 else 0 end) as outgoing_count
from {lookup_events}
where address = @address
group by 1
order by 1
