-- Transactions of the request may be newer than the data.
select
    windows.* replace (
        greatest(windows.window_end, latest.latest_end) as window_end
    )
from copy.scoring.int_features__windows as windows
cross join (
    select max(block_timestamp) + interval 1 second as latest_end
    from request.added_events
) as latest
