{{ config(severity='warn') }}

-- At act, the addresses scored today are so far from those of the training that
-- the model should be trained again. Absolute time moves with the calendar, and
-- no model that scores sees it, nor what says how complete the data are.
select
    run_id,
    feature_name,
    drift_level
from {{ ref('model_drift') }}
where
    drift_level = 'act'
    {%- for feature in feature_catalogue()
        if feature.is_of_absolute_time or feature.is_of_coverage %}
    and feature_name <> '{{ feature.name }}'
    {%- endfor %}
