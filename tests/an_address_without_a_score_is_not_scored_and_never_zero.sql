{{ config(tags=['whole_history'], store_failures=true) }}

-- Every address has one state, and figures exactly where one was computed.
with

addresses as (

    select * from {{ ref('addresses') }}

),

scores as (

    select * from {{ ref('scam_scores') }}

)

select
    addresses.address,
    scores.state,
    scores.score
from addresses
left join scores on addresses.address = scores.address
where
    scores.address is null
    or scores.state_reason is null
    or (scores.score is null) <> (scores.run_id is null)
    or (scores.score is null) <> (scores.scam_probability is null)
    or (scores.score is null) <> (scores.scored_at is null)
    or (scores.score is null and scores.reasons is not null)
    or (scores.state in ('scored', 'stale') and scores.score is null)
    or (scores.state = 'not_scored' and scores.score is not null)
