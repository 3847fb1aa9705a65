with

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}

),

metrics as (

    select * from {{ ref('int_scam_evaluation__ranking_metrics') }}

    union all

    select * from {{ ref('int_scam_evaluation__precision_at_k') }}

    union all

    select * from {{ ref('int_scam_evaluation__policy_metrics') }}

    union all

    select
        set_id,
        metric_name,
        metric_value,
        cast(null as {{ type_double() }}) as interval_low,
        cast(null as {{ type_double() }}) as interval_high,
        cast(null as {{ dbt.type_string() }}) as interval_method
    from {{ ref('int_scam_evaluation__probability_metrics') }}

)

select
    metrics.set_id,
    evaluation_sets.run_id,
    evaluation_sets.evaluation,
    evaluation_sets.fit_name,
    evaluation_sets.model_name,
    evaluation_sets.feature_set,
    evaluation_sets.subset,
    metrics.metric_name,
    metrics.interval_method,
    evaluation_sets.negative_labels,

    metrics.metric_value,
    metrics.interval_low,
    metrics.interval_high,
    evaluation_sets.positives,
    evaluation_sets.examples,
    evaluation_sets.prevalence,
    evaluation_sets.held_out_share,
    evaluation_sets.unknown_report_time_share,
    evaluation_sets.reviewed_only_share,
    evaluation_sets.unlabelled_sample_percent,
    cast(evaluation_sets.least_events as {{ dbt.type_bigint() }})
        as least_events,

    evaluation_sets.cutoff_at
from metrics
inner join evaluation_sets
    on metrics.set_id = evaluation_sets.set_id
