{{ config(severity='warn') }}

-- At act, the addresses scored today are so far from those of the training that
-- the model should be trained again.
select
    run_id,
    feature_name,
    drift_level
from {{ ref('model_drift') }}
where drift_level = 'act'
