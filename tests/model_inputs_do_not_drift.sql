{{ config(severity='warn') }}

-- At act, the addresses scored today are so far from those of the training that
-- the model should be trained again. Absolute time moves with the calendar, and
-- no model that scores sees it, nor what says how complete the data are.
with

model_drift as (

    select * from {{ ref('model_drift') }}

),

unseen_features as (

    select feature_name from {{ ref('features') }}
    where is_of_absolute_time or is_of_coverage

)

select
    model_drift.run_id,
    model_drift.feature_name,
    model_drift.drift_level
from model_drift
left join unseen_features
    on model_drift.feature_name = unseen_features.feature_name
where
    model_drift.drift_level = 'act'
    and unseen_features.feature_name is null
