{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

scores as (

    select
        *,
        risk_tier in ('high', 'medium') as is_flagged
    from {{ ref('int_scam_serving__scores') }}

),

reasons as (

    select * from {{ ref('int_scam_serving__reasons') }}

)

select
    scores.address,
    scores.run_id,
    scores.state,
    scores.state_reason,
    scores.risk_tier,
    -- An address whose tier has fallen since it was explained shows none.
    case when scores.is_flagged then reasons.reasons end as reasons,
    case when scores.is_flagged then reasons.reason_codes end
        as reason_codes,

    scores.score,
    scores.scam_probability,

    scores.is_allow_listed,
    scores.is_alert,

    scores.scored_at
from scores
left join reasons
    on
        scores.run_id = reasons.run_id
        and scores.address = reasons.address
