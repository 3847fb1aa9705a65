with

policies as (

    select * from {{ ref('int_scam_evaluation__policies') }}

),

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}
    where subset = 'all'

),

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}

),

-- Where the policy of a fit is measured: on addresses that neither the fit nor
-- its thresholds knew. The fit lifetime leaves nobody out, so the fit random
-- stands for it: the same models and policies, made without a fifth.
fit_slices as (

    select
        'lifetime' as policy_fit,
        'random' as slice_fit,
        'random' as evaluation

    union all

    select
        'random' as policy_fit,
        'random' as slice_fit,
        'random' as evaluation

    union all

    select
        'past' as policy_fit,
        'past' as slice_fit,
        'to_date' as evaluation

    union all

    -- Each earlier cutoff is tested up to the next one.
    select distinct
        fit_name as policy_fit,
        fit_name as slice_fit,
        'rolling' as evaluation
    from evaluation_sets
    where evaluation = 'rolling'

),

slice_sets as (

    select
        fit_slices.policy_fit,
        evaluation_sets.*
    from fit_slices
    inner join evaluation_sets
        on
            fit_slices.slice_fit = evaluation_sets.fit_name
            and fit_slices.evaluation = evaluation_sets.evaluation

),

measured_counts as (

    select
        slice_sets.run_id,
        slice_sets.policy_fit,
        slice_sets.model_name,
        slice_sets.feature_set,
        policies.policy_name,
        slice_sets.evaluation as measured_on,
        slice_sets.positives,
        sum(
            case
                when score_groups.score >= policies.threshold_score
                    then score_groups.examples
                else 0
            end
        ) as alerts,
        sum(
            case
                when score_groups.score >= policies.threshold_score
                    then score_groups.positives
                else 0
            end
        ) as scams,
        sum(
            case
                when score_groups.score >= policies.threshold_score
                    then score_groups.examples * score_groups.scam_probability
                else 0
            end
        ) as probabilities
    from slice_sets
    inner join policies on slice_sets.model_id = policies.model_id
    inner join score_groups on slice_sets.set_id = score_groups.set_id
    group by
        slice_sets.run_id,
        slice_sets.policy_fit,
        slice_sets.model_name,
        slice_sets.feature_set,
        policies.policy_name,
        slice_sets.evaluation,
        slice_sets.positives

)

select
    policies.model_id,
    policies.run_id,
    policies.fit_name,
    policies.model_name,
    policies.feature_set,
    policies.policy_name,
    policies.chosen_on,
    policies.queue_of,
    policies.policy_reason,
    measured.measured_on,

    policies.threshold_score,
    policies.threshold_probability,
    policies.expected_alerts,
    policies.expected_scams,
    policies.expected_precision,
    policies.expected_recall,
    policies.alerts_per_day,
    policies.queue_addresses,
    policies.queue_expected_scams,
    cast(measured.alerts as {{ dbt.type_bigint() }}) as measured_alerts,
    cast(measured.scams as {{ dbt.type_bigint() }}) as measured_scams,
    measured.probabilities / nullif(measured.alerts, 0)
        as measured_mean_probability,
    cast(measured.scams as {{ type_double() }}) / nullif(measured.alerts, 0)
        as measured_precision,
    {{ wilson_low('measured.scams', 'measured.alerts') }}
        as measured_precision_low,
    {{ wilson_high('measured.scams', 'measured.alerts') }}
        as measured_precision_high,
    cast(measured.scams as {{ type_double() }}) / nullif(measured.positives, 0)
        as measured_recall,

    policies.is_met
from policies
left join measured_counts as measured
    on
        policies.run_id = measured.run_id
        and policies.fit_name = measured.policy_fit
        and policies.model_name = measured.model_name
        and policies.feature_set = measured.feature_set
        and policies.policy_name = measured.policy_name
