{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

addresses as (

    select * from {{ ref('int_addresses__summaries') }}

),

champion as (

    select * from {{ ref('int_scam_serving__champion') }}

),

champion_policies as (

    select policies.*
    from {{ ref('int_scam_evaluation__policies') }} as policies
    inner join champion
        on
            policies.run_id = champion.run_id
            and policies.fit_name = champion.fit_name
            and policies.model_name = champion.model_name
            and policies.feature_set = champion.feature_set

),

champion_scores as (

    select raw_scores.*
    from {{ ref('scam_raw_scores') }} as raw_scores
    inner join champion on raw_scores.run_id = champion.run_id

),

scoring_inputs as (

    select * from {{ ref('int_scam_serving__inputs') }}

),

-- One row, also before the first training. Where scams are so easy to tell
-- that a clean queue may be longer than a wide net, the shorter one is high.
thresholds as (

    select
        (select count(*) from champion) as champions,
        max(threshold_score) as high_from,
        min(threshold_score) as medium_from
    from champion_policies
    where policy_name in ('clean_queue', 'wide_net')

),

address_states as (

    select
        addresses.address,
        addresses.label_state,
        addresses.entity_category,
        addresses.first_seen_at,
        scores.run_id,
        scores.score,
        scores.scam_probability,
        scores.scored_at,
        thresholds.champions,
        case
            when scores.score >= thresholds.high_from then 'high'
            when scores.score >= thresholds.medium_from then 'medium'
            when thresholds.medium_from is not null then 'low'
        end as score_tier,
        case
            when addresses.label_state in ('scam', 'external_scam')
                then 'known_scam'
            when
                addresses.label_state = 'entity'
                or addresses.entity_category is not null
                then 'known_entity'
            when scores.address is null then 'not_scored'
            when
                coalesce(scoring_inputs.features_fingerprint, '')
                <> scores.features_fingerprint
                then 'stale'
            else 'scored'
        end as state,
        addresses.label_state = 'benign' as is_allow_listed,
        scoring_inputs.address is not null as has_features
    from addresses
    cross join thresholds
    left join champion_scores as scores on addresses.address = scores.address
    left join scoring_inputs on addresses.address = scoring_inputs.address

)

select
    address,
    run_id,
    state,
    case
        when label_state = 'external_scam' then 'on an external scam list'
        when state = 'known_scam' then 'reported as a scam'
        when state = 'known_entity'
            then concat('entity: ', coalesce(entity_category, 'unknown kind'))
        when state = 'stale' and not has_features
            then 'its transactions left the data after it was scored'
        when state = 'stale'
            then concat(
                'features changed after it was scored on ',
                substr({{ timestamp_text('scored_at') }}, 1, 10),
                '; waits for the next scoring run'
            )
        when state = 'scored' and score_tier is null
            then 'too few scams to choose thresholds on'
        when state = 'scored' and is_allow_listed
            then 'score is up to date; labelled benign, so no alert'
        when state = 'scored' then 'score is up to date'
        when champions = 0 then 'no scam model is trained'
        when not has_features and first_seen_at is not null
            then 'token transfers only; scores need transactions'
        when not has_features then 'no transactions'
        else 'waits for the next scoring run'
    end as state_reason,
    case when state in ('scored', 'stale') then score_tier end as risk_tier,

    score,
    scam_probability,

    is_allow_listed,

    scored_at
from address_states
