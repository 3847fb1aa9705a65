select
    mean_probability,
    positive_share,
    examples
from {marts}.scam_calibration
where
    run_id = @run_id
    and model_name = @model_name
    and feature_set = @feature_set
    and evaluation = 'deployed'
    and subset = 'all'
order by mean_probability
