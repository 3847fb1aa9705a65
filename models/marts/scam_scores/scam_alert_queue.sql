with

scores as (

    select * from {{ ref('int_scam_serving__scores') }}
    where read_group = 1

),

reasons as (

    select * from {{ ref('int_scam_serving__reasons') }}

),

evidence as (

    select * from {{ ref('int_scam_serving__alert_evidence') }}

),

-- A team cannot review more, and sorting all of a big chain in one list would
-- take one machine.
alerts as (

    select * from scores
    where is_alert
    order by scam_probability desc, score desc, address asc
    limit {{ setting('max_alerts') }}

)

select
    row_number() over (
        order by
            alerts.scam_probability desc,
            alerts.score desc,
            alerts.address asc
    ) as alert_rank,
    alerts.address,
    alerts.run_id,
    alerts.risk_tier,
    alerts.state,
    reasons.reasons,
    reasons.reason_codes,
    evidence.evidence_transactions,
    alerts.score,
    alerts.scam_probability,
    alerts.scored_at
from alerts
left join reasons
    on
        alerts.run_id = reasons.run_id
        and alerts.address = reasons.address
left join evidence on alerts.address = evidence.address
