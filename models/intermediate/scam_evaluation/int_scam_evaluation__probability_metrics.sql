with

score_groups as (

    select * from {{ ref('int_scam_evaluation__score_groups') }}
    where scam_probability is not null

),

calibration as (

    select * from {{ ref('int_scam_evaluation__calibration') }}

),

brier_scores as (

    select
        set_id,
        'brier_score' as metric_name,
        sum(
            positives * (1 - scam_probability) * (1 - scam_probability)
            + (examples - positives) * scam_probability * scam_probability
        ) / sum(examples) as metric_value
    from score_groups
    group by set_id

),

calibration_errors as (

    select
        set_id,
        'calibration_error' as metric_name,
        sum(examples * abs(mean_probability - positive_share))
        / sum(examples) as metric_value
    from calibration
    group by set_id

)

select * from brier_scores

union all

select * from calibration_errors
