select
    policy_name,
    threshold_score,
    threshold_probability,
    validation_flagged,
    validation_positives,
    validation_precision,
    validation_recall,
    alerts_per_day,
    is_met
from {marts}.scam_policies
where
    run_id = @run_id
    and fit_name = 'lifetime'
    and model_name = @model_name
    and feature_set = @feature_set
order by policy_name
