select
    feature_name,
    drift_level,
    population_stability_index,
    ks_statistic
from {marts}.model_drift
where run_id = @run_id
order by population_stability_index desc, feature_name
