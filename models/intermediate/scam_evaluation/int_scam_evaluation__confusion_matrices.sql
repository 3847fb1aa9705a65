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
policy_counts as (

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
    policy_counts.set_id,
    evaluation_sets.run_id,
    evaluation_sets.evaluation,
    evaluation_sets.fit_name,
    evaluation_sets.model_name,
    evaluation_sets.feature_set,
    evaluation_sets.subset,
    policy_counts.policy_name,

    policy_counts.threshold_score,
    policy_counts.true_positives,
    policy_counts.flagged - policy_counts.true_positives as false_positives,
    evaluation_sets.positives - policy_counts.true_positives as false_negatives,
    evaluation_sets.examples - evaluation_sets.positives
    - (policy_counts.flagged - policy_counts.true_positives) as true_negatives
from policy_counts
inner join evaluation_sets
    on policy_counts.set_id = evaluation_sets.set_id
