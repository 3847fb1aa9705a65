-- Where no queue meets the condition the threshold is NULL and the queue empty.
select
    policy_name,
    queue_of,
    policy_reason,
    measured_on,
    threshold_score,
    threshold_probability,
    expected_alerts,
    expected_scams,
    expected_precision,
    expected_recall,
    alerts_per_day,
    measured_alerts,
    measured_precision,
    measured_precision_low,
    measured_precision_high,
    measured_recall,
    is_met
from {marts}.scam_policies
where
    run_id = @run_id
    and fit_name = 'lifetime'
    and model_name = @model_name
    and feature_set = @feature_set
order by policy_name
