{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

scores as (

    select * from {{ ref('int_scam_serving__scores') }}

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
    reasons.reasons,
    reasons.reason_codes,

    scores.score,
    scores.scam_probability,

    scores.is_allow_listed,
    scores.is_alert,

    scores.scored_at
from scores
left join reasons
    on
        scores.risk_tier in ('high', 'medium')
        and scores.run_id = reasons.run_id
        and scores.address = reasons.address
