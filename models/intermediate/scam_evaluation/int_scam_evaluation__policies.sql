{%- set alert_budget = setting('alert_budget') %}

with

validation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}
    where
        tested_addresses = 'training'
        and subset = 'all'
        and positives > 0

),

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}

),

thresholds as (

    select
        validation_sets.*,
        score_groups.score as threshold_score,
        score_groups.scam_probability as threshold_probability,
        score_groups.flagged,
        score_groups.true_positives,
        cast(score_groups.true_positives as {{ type_double() }})
        / score_groups.flagged as validation_precision,
        cast(score_groups.true_positives as {{ type_double() }})
        / validation_sets.positives as validation_recall,
        -- The same share of all addresses that appear in a day.
        cast(score_groups.flagged as {{ type_double() }})
        / validation_sets.examples * validation_sets.addresses_per_day
            as alerts_per_day
    from validation_sets
    inner join score_groups
        on validation_sets.set_id = score_groups.set_id

),

-- A policy prefers thresholds that meet its condition, then the larger first
-- and second preference, then the smaller queue.
candidates as (

    select
        *,
        'clean_queue' as policy_name,
        100 * true_positives >= 75 * flagged as is_met,
        case
            when 100 * true_positives >= 75 * flagged then validation_recall
            else validation_precision
        end as first_preference,
        case
            when 100 * true_positives >= 75 * flagged
                then validation_precision
            else validation_recall
        end as second_preference
    from thresholds

    union all

    select
        *,
        'wide_net' as policy_name,
        100 * true_positives >= 90 * positives as is_met,
        validation_precision as first_preference,
        validation_recall as second_preference
    from thresholds

    union all

    select
        *,
        'budget' as policy_name,
        coalesce(alerts_per_day <= {{ alert_budget }}, false) as is_met,
        case
            when alerts_per_day <= {{ alert_budget }} then flagged
            else -flagged
        end as first_preference,
        0 as second_preference
    from thresholds

),

ranked_candidates as (

    select
        *,
        row_number() over (
            partition by model_id, policy_name
            order by
                is_met desc,
                first_preference desc,
                second_preference desc,
                threshold_score desc
        ) as preference
    from candidates

)

select
    model_id,
    run_id,
    fit_name,
    model_name,
    feature_set,
    policy_name,
    evaluation as chosen_on,

    threshold_score,
    threshold_probability,
    flagged as validation_flagged,
    positives as validation_positives,
    validation_precision,
    validation_recall,
    alerts_per_day,

    is_met
from ranked_candidates
where preference = 1
