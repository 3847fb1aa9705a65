with

alerts as (

    select * from {{ ref('scam_alert_queue') }}

),

sentences as (

    select * from {{ ref('int_scam_serving__reason_sentences') }}

)

select
    alerts.address,
    alerts.run_id,
    alerts.risk_tier,
    sentences.feature_name,
    sentences.reason_code,
    concat(sentences.reason, '.') as reason,

    alerts.alert_rank,
    sentences.reason_rank,
    sentences.feature_value,
    sentences.median_value,
    sentences.contribution
from alerts
inner join sentences
    on
        alerts.run_id = sentences.run_id
        and alerts.address = sentences.address
