{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

features as (

    select * from {{ ref('int_investor_profiles__features') }}

),

summaries as (

    select * from {{ ref('investor_profile_summaries') }}
    where is_selected_run

),

selected_models as (

    select
        run_id,
        row_number() over (order by trained_at desc, run_id desc) as recency
    from {{ ref('investor_profile_models') }}
    where is_selected

),

assignments as (

    select assignments.*
    from {{ ref('investor_profile_assignments') }} as assignments
    inner join selected_models
        on assignments.run_id = selected_models.run_id
    inner join features on assignments.address = features.address
    where
        selected_models.recency = 1
        and features.is_eligible
        and features.entity is null

),

number_of_models as (

    select count(*) as models from selected_models

),

address_states as (

    select
        features.address,
        features.entity,
        features.ineligible_reason,
        assignments.run_id,
        assignments.cluster,
        assignments.second_cluster,
        assignments.confidence,
        assignments.assigned_at,
        number_of_models.models,
        case
            when features.entity is not null then 'entity'
            when not features.is_eligible then 'not_eligible'
            when assignments.address is null then 'not_scored'
            when
                assignments.features_fingerprint
                <> features.features_fingerprint
                then 'stale'
            else 'profiled'
        end as state
    from features
    cross join number_of_models
    left join assignments on features.address = assignments.address

)

select
    address_states.address,
    address_states.run_id,
    address_states.state,
    case
        when address_states.state = 'entity' then address_states.entity
        when address_states.state = 'not_eligible'
            then address_states.ineligible_reason
        when address_states.state = 'stale'
            then 'features changed after the last assignment'
        when address_states.state = 'profiled' then 'profile is up to date'
        when address_states.models = 0 then 'no profile model is trained'
        else 'waits for the next scoring run'
    end as state_reason,
    summaries.profile,
    second_summaries.profile as second_profile,

    address_states.cluster,
    address_states.second_cluster,
    address_states.confidence,

    address_states.assigned_at
from address_states
left join summaries
    on
        address_states.run_id = summaries.run_id
        and address_states.cluster = summaries.cluster
left join summaries as second_summaries
    on
        address_states.run_id = second_summaries.run_id
        and address_states.second_cluster = second_summaries.cluster
