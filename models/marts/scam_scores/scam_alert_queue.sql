{# Always as fresh as the scores: rows leave it as soon as a label arrives. #}
{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('int_scam_serving__scores') }}

),

evidence as (

    select * from {{ ref('int_scam_serving__alert_evidence') }}

),

-- A team cannot review more, and sorting all of a big chain in one list would
-- take one machine.
to_review as (

    select *
    from scores
    where risk_tier in ('high', 'medium') and not is_allow_listed
    order by scam_probability desc, score desc, address asc
    limit {{ var('max_alerts') }}

)

select
    row_number() over (
        order by
            to_review.scam_probability desc,
            to_review.score desc,
            to_review.address asc
    ) as alert_rank,
    to_review.address,
    to_review.run_id,
    to_review.risk_tier,
    to_review.state,
    to_review.reasons,
    to_review.reason_codes,
    evidence.evidence_transactions,
    to_review.score,
    to_review.scam_probability,
    to_review.scored_at
from to_review
left join evidence on to_review.address = evidence.address
