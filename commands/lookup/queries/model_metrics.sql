select
    evaluation,
    subset,
    metric_name,
    metric_value,
    interval_low,
    interval_high,
    interval_method,
    positives,
    examples,
    prevalence,
    held_out_share,
    unknown_report_time_share,
    reviewed_only_share,
    negative_labels,
    unlabelled_sample_percent,
    cutoff_at
from {marts}.scam_model_metrics
where
    run_id = @run_id
    and model_name = @model_name
    and feature_set = @feature_set
order by evaluation, cutoff_at, subset, metric_name
