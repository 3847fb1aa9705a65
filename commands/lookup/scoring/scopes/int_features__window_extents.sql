select
    extents.* replace (
        greatest(extents.window_end, latest.latest_at + interval 1 second)
            as window_end,
        least(extents.origin_at, latest.first_at) as origin_at,
        greatest(extents.data_end_at, latest.latest_at) as data_end_at
    )
from copy.scoring.int_features__window_extents as extents
cross join (
    select
        min(block_timestamp) as first_at,
        max(block_timestamp) as latest_at
    from request.added_events
) as latest
