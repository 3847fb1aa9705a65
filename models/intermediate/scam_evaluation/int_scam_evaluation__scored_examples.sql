{# Only repeats the stored scores: a table would store them twice. #}
{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('scam_evaluation_scores') }}

),

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}

)

select
    evaluation_sets.set_id,
    evaluation_sets.run_id,
    scores.address,
    scores.score,
    scores.scam_probability,
    scores.is_scam
from scores
inner join evaluation_sets
    on
        scores.run_id = evaluation_sets.run_id
        and scores.evaluation = evaluation_sets.evaluation
        and scores.fit_name = evaluation_sets.fit_name
        and scores.model_name = evaluation_sets.model_name
        and scores.feature_set = evaluation_sets.feature_set
where
    evaluation_sets.subset = 'all'
    or (
        evaluation_sets.subset = 'first_seen_after_cutoff'
        and scores.is_first_seen_after_cutoff
    )
    or evaluation_sets.subset = {{ value_band('scores.value_moved_wei') }}
