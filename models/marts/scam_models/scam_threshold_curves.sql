with

evaluation_sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}

),

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}

),

thresholds as (

    select
        evaluation_sets.*,
        evaluation_sets.examples - evaluation_sets.positives as negatives,
        score_groups.score as threshold_score,
        score_groups.scam_probability as threshold_probability,
        score_groups.flagged,
        score_groups.flagged - score_groups.examples as flagged_before,
        score_groups.true_positives,
        score_groups.true_positives - score_groups.positives
            as true_positives_before,
        score_groups.flagged - score_groups.true_positives
            as false_positives
    from score_groups
    inner join evaluation_sets
        on score_groups.set_id = evaluation_sets.set_id

)

-- The thresholds at which the next percent of recall or of flagged addresses
-- is reached: at most 200 exact points of a curve, whatever its length.
select
    set_id,
    run_id,
    evaluation,
    fit_name,
    model_name,
    feature_set,
    subset,

    threshold_score,
    threshold_probability,
    flagged,
    true_positives,
    false_positives,
    positives - true_positives as false_negatives,
    negatives - false_positives as true_negatives,
    cast(true_positives as {{ type_double() }}) / flagged as precision,
    cast(true_positives as {{ type_double() }}) / nullif(positives, 0)
        as recall,
    cast(false_positives as {{ type_double() }}) / nullif(negatives, 0)
        as false_positive_share
from thresholds
where
    floor(100 * flagged / examples) > floor(100 * flagged_before / examples)
    or coalesce(
        floor(100 * true_positives / nullif(positives, 0))
        > floor(100 * true_positives_before / nullif(positives, 0)),
        false
    )
