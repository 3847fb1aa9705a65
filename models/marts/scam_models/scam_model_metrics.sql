{{ config(tags=['train']) }}

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
        evaluation_id,
        metric_name,
        metric_value,
        cast(null as {{ type_double() }}) as interval_low,
        cast(null as {{ type_double() }}) as interval_high,
        cast(null as {{ dbt.type_string() }}) as interval_method
    from {{ ref('int_scam_evaluation__probability_metrics') }}

)

select
    metrics.evaluation_id,
    evaluation_sets.run_id,
    evaluation_sets.view,
    evaluation_sets.cutoff,
    evaluation_sets.model_name,
    evaluation_sets.feature_set,
    evaluation_sets.split,
    evaluation_sets.subset,
    metrics.metric_name,
    metrics.interval_method,
    evaluation_sets.negative_kind,

    metrics.metric_value,
    metrics.interval_low,
    metrics.interval_high,
    evaluation_sets.positives,
    evaluation_sets.examples,
    evaluation_sets.prevalence,
    evaluation_sets.unknown_report_time_share,
    evaluation_sets.unlabelled_sample_percent
from metrics
inner join evaluation_sets
    on metrics.evaluation_id = evaluation_sets.evaluation_id
