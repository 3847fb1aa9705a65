{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

sentences as (

    select * from {{ ref('int_scam_serving__reason_sentences') }}

),

scores as (

    select * from {{ ref('int_scam_serving__scores') }}

)

select
    sentences.address,
    sentences.run_id,
    sentences.feature_name,
    sentences.reason_code,
    concat(sentences.reason, '.') as reason,

    sentences.reason_rank,
    sentences.feature_value,
    sentences.median_value,
    sentences.contribution,

    scores.is_alert
from sentences
inner join scores
    on
        sentences.run_id = scores.run_id
        and sentences.address = scores.address
where scores.risk_tier in ('high', 'medium')
