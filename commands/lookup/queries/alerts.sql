-- A page of the queue. The last one of the page before is the cursor.
with

alerts as (

    select
        queue.alert_rank,
        queue.address,
        queue.run_id,
        queue.state,
        queue.risk_tier,
        queue.reasons,
        queue.reason_codes,
        queue.evidence_transactions,
        queue.score,
        queue.scam_probability,
        queue.scored_at,
        addresses.last_seen_at,
        case
            when @sort = 'recent'
                then -coalesce({epoch_seconds}(addresses.last_seen_at), 0)
            else queue.alert_rank
        end as sort_key
    from {marts}.scam_alert_queue as queue
    left join {marts}.addresses as addresses
        on queue.address = addresses.address
    where
        (@risk_tier = '' or queue.risk_tier = @risk_tier)
        and queue.scam_probability >= @least_probability
        and queue.address not in unnest(@decided)

)

select * from alerts
where
    not @has_cursor
    or sort_key > @cursor_key
    or (sort_key = @cursor_key and alert_rank > @cursor_rank)
order by sort_key, alert_rank
limit @page_size
