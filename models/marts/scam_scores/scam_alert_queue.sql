{# Always as fresh as the scores: rows leave it as soon as a label arrives. #}
{{ config(materialized='view') }}

with

to_review as (

    select * from {{ ref('scam_scores') }}
    where risk_tier in ('high', 'medium')

),

addresses as (

    select * from {{ ref('int_addresses') }}

),

events as (

    select * from {{ ref('int_transaction_events') }}

),

transaction_hashes as (

    select * from {{ ref('int_transaction_hashes') }}

),

-- A transfer to oneself has two events but is one transaction.
address_transactions as (

    select distinct
        to_review.address,
        transaction_hashes.transaction_hash,
        events.value_wei
    from to_review
    inner join addresses on to_review.address = addresses.address
    inner join events on addresses.address_key = events.address_key
    inner join transaction_hashes
        on events.transaction_key = transaction_hashes.transaction_key

),

ranked as (

    select
        *,
        row_number() over (
            partition by address order by value_wei desc, transaction_hash asc
        ) as size_rank
    from address_transactions

),

evidence as (

    select
        address,
        string_agg(transaction_hash, ', ' order by size_rank)
            as evidence_transactions
    from ranked
    where size_rank <= 3
    group by address

)

select
    row_number() over (
        order by to_review.scam_probability desc, to_review.address asc
    ) as alert_rank,
    to_review.address,
    to_review.run_id,
    to_review.risk_tier,
    to_review.state,
    to_review.reasons,
    evidence.evidence_transactions,
    to_review.score,
    to_review.scam_probability,
    to_review.scored_at
from to_review
left join evidence on to_review.address = evidence.address
