-- The probabilities are fitted on the scores of the evaluation deployed, so they
-- are shown where they can be wrong.
select
    mean_probability,
    positive_share,
    examples
from {marts}.scam_calibration
where
    run_id = @run_id
    and model_name = @model_name
    and feature_set = @feature_set
    and evaluation = 'future'
    and subset = 'all'
order by mean_probability
