-- The figures that are read together: as deployed, after the cutoff, and ahead
-- of reports. Beside the model that scores stand those that show what is trivial.
with

figures as (

    select
        1 as place,
        run_id,
        evaluation,
        metric_name as figure,
        model_name,
        feature_set,
        metric_value as figure_value,
        interval_low,
        interval_high,
        prevalence as random_value,
        positives as scams
    from {marts}.scam_model_metrics
    where
        evaluation in ('deployed', 'future')
        and subset = 'all'
        and metric_name = 'average_precision'

    union all

    select
        2 as place,
        run_id,
        'lead_time' as evaluation,
        figure,
        model_name,
        feature_set,
        figure_value,
        interval_low,
        interval_high,
        random_value,
        later_reports as scams
    from {marts}.scam_lead_times
    where scope_name = 'all_cutoffs' and figure = 'precision_at_100'

)

select
    evaluation,
    figure,
    model_name,
    feature_set,
    figure_value,
    interval_low,
    interval_high,
    random_value,
    scams
from figures
where
    run_id = @run_id
    and (
        (model_name = @model_name and feature_set = @feature_set)
        or model_name in ('null_model', 'shuffled_labels')
    )
order by
    place,
    evaluation,
    case when model_name = @model_name then 0 else 1 end,
    model_name,
    feature_set
