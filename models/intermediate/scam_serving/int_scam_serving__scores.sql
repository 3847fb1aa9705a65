{{ config(materialized='table', **layout_by_read_group(['address'])) }}
{%- set least_events = setting('least_events') %}

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

-- One row, also before the first training. A clean queue may be empty, and then
-- no address is high.
thresholds as (

    select
        (select count(*) from champion) as champions,
        max(
            case when policy_name = 'clean_queue' then threshold_score end
        ) as high_from,
        max(
            case when policy_name = 'wide_net' then threshold_score end
        ) as medium_from
    from champion_policies

),

address_states as (

    select
        addresses.address,
        addresses.label_state,
        addresses.entity_category,
        addresses.is_token,
        addresses.is_contract,
        addresses.first_seen_at,
        scores.run_id,
        scores.score,
        scores.scam_probability,
        scores.scored_at,
        thresholds.champions,
        addresses.event_count,
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
                or addresses.is_token
                then 'known_entity'
            when
                addresses.event_count between 1 and {{ least_events - 1 }}
                then 'too_little_to_tell'
            when scores.address is null then 'not_scored'
            when
                coalesce(scoring_inputs.features_fingerprint, '')
                <> scores.features_fingerprint
                then 'stale'
            else 'scored'
        end as state,
        addresses.label_state = 'benign' as is_allow_listed,
        {{ is_alertable('addresses') }} as is_alertable
    from addresses
    cross join thresholds
    left join champion_scores as scores on addresses.address = scores.address
    left join scoring_inputs on addresses.address = scoring_inputs.address

),

-- An address with too little to tell may have a score from before transactions
-- left the data, or before least_events was raised. It is not shown.
shown_scores as (

    select
        *,
        state <> 'too_little_to_tell' as is_shown,
        case when state in ('scored', 'stale') then score_tier end as risk_tier
    from address_states

)

select
    address,
    case when is_shown then run_id end as run_id,
    state,
    case
        when label_state = 'external_scam' then 'on an external scam list'
        when state = 'known_scam' then 'reported as a scam'
        when state = 'known_entity' and entity_category is not null
            then concat('entity: ', entity_category)
        when state = 'known_entity' and is_token
            then 'entity: token, known from chain data'
        when state = 'known_entity' then 'entity: unknown kind'
        when state = 'too_little_to_tell'
            then concat(
                cast(event_count as {{ dbt.type_string() }}),
                case when event_count = 1 then ' event' else ' events' end,
                ' so far, too little to tell; {{ least_events }} are needed'
            )
        when state = 'stale' and event_count = 0
            then 'its transactions left the data after it was scored'
        when state = 'stale'
            then concat(
                'features changed after it was scored on ',
                substr({{ timestamp_text('scored_at') }}, 1, 10),
                '; waits for the next scoring run'
            )
        when state = 'scored' and score_tier is null
            then 'too few scams or unreported addresses to choose thresholds on'
        when state = 'scored' and is_allow_listed
            then 'score is up to date; labelled benign, so no alert'
        when state = 'scored' and not is_alertable
            then 'score is up to date; a contract, so no alert'
        when state = 'scored' then 'score is up to date'
        when champions = 0 then 'no scam model is trained'
        when event_count = 0 and first_seen_at is not null
            then 'token transfers only; scores need transactions'
        when event_count = 0 then 'no transactions'
        else 'waits for the next scoring run'
    end as state_reason,
    risk_tier,

    case when is_shown then score end as score,
    case when is_shown then scam_probability end as scam_probability,

    is_allow_listed,
    coalesce(risk_tier in ('high', 'medium') and is_alertable, false)
        as is_alert,

    case when is_shown then scored_at end as scored_at,
    case when risk_tier in ('high', 'medium') then 1 else 0 end as read_group
from shown_scores
