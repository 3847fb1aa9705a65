-- The curve of the evaluation that does what a scorer does, thinned to 200 points.
with

curve as (

    select
        recall,
        precision,
        row_number() over (order by threshold_score desc) as position,
        count(*) over () as points
    from {marts}.scam_threshold_curves
    where
        run_id = @run_id
        and model_name = @model_name
        and feature_set = @feature_set
        and evaluation = 'deployed'
        and subset = 'all'

)

select
    recall,
    precision
from curve
where
    mod(position, cast(ceiling(points / 200.0) as int64)) = 0
    or position = points
order by position
