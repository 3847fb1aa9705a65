with

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}

),

policies as (

    select * from {{ ref('int_scam_evaluation__policies') }}

),

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}

),

-- Counts run from the highest score down, so the largest one at or above the
-- threshold holds all that are flagged.
flagged as (

    select
        evaluation_sets.set_id,
        policies.policy_name,
        policies.threshold_score,
        coalesce(max(case
            when score_groups.score >= policies.threshold_score
                then score_groups.flagged
        end), 0) as flagged,
        coalesce(max(case
            when score_groups.score >= policies.threshold_score
                then score_groups.true_positives
        end), 0) as true_positives
    from evaluation_sets
    inner join policies on evaluation_sets.model_id = policies.model_id
    inner join score_groups
        on evaluation_sets.set_id = score_groups.set_id
    group by
        evaluation_sets.set_id,
        policies.policy_name,
        policies.threshold_score

)

select
    flagged.set_id,
    evaluation_sets.run_id,
    evaluation_sets.evaluation,
    evaluation_sets.fit_name,
    evaluation_sets.model_name,
    evaluation_sets.feature_set,
    evaluation_sets.subset,
    flagged.policy_name,

    flagged.threshold_score,
    flagged.true_positives,
    flagged.flagged - flagged.true_positives as false_positives,
    evaluation_sets.positives - flagged.true_positives as false_negatives,
    evaluation_sets.examples - evaluation_sets.positives
    - (flagged.flagged - flagged.true_positives) as true_negatives
from flagged
inner join evaluation_sets
    on flagged.set_id = evaluation_sets.set_id
