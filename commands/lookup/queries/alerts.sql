select
    alerts.alert_rank,
    alerts.address,
    alerts.run_id,
    alerts.state,
    alerts.risk_tier,
    alerts.reasons,
    alerts.reason_codes,
    alerts.evidence_transactions,
    alerts.score,
    alerts.scam_probability,
    alerts.scored_at
from {marts}.scam_alert_queue as alerts
where
    alerts.alert_rank > @after_rank
    and (@risk_tier = '' or alerts.risk_tier = @risk_tier)
    and alerts.scam_probability >= @least_probability
    and alerts.address not in unnest(@decided)
order by alerts.alert_rank
limit @page_size
