{{ config(
    materialized='incremental',
    full_refresh=false,
    **layout(cluster_by=['address'])
) }}
{%- set text = dbt.type_string() %}
{%- set compared = [
    'label_state', 'scam_state', 'risk_tier', 'profile', 'is_alert'
] %}

with

addresses as (

    select * from {{ ref('addresses') }}

),

scores as (

    select * from {{ ref('scam_scores') }}

),

profiles as (

    select * from {{ ref('investor_profiles') }}

),

-- A stale score is the state of a run, not of the address.
current_states as (

    select
        scores.address,
        scores.run_id,
        addresses.label_state,
        case when scores.state = 'stale' then 'scored' else scores.state end
            as scam_state,
        scores.risk_tier,
        profiles.profile,
        scores.is_alert
    from scores
    inner join addresses on scores.address = addresses.address
    left join profiles on scores.address = profiles.address

),

recorded_states as (
    {% if is_incremental() %}
    select
        *,
        row_number() over (partition by address order by changed_at desc)
            as age
    from {{ this }}
    {% else %}
    select
        *,
        1 as age
    from current_states
    where false
    {% endif %}
),

last_states as (

    select * from recorded_states
    where age = 1

),

sizes as (

    select count(*) as addresses from current_states

),

-- A corrected export or a later history_start takes addresses out of the data.
-- A build without any says nothing about them.
absent_states as (

    select
        last_states.address,
        cast(null as {{ text }}) as run_id,
        last_states.label_state,
        'absent' as scam_state,
        cast(null as {{ text }}) as risk_tier,
        cast(null as {{ text }}) as profile,
        false as is_alert
    from last_states
    cross join sizes
    left join current_states on last_states.address = current_states.address
    where current_states.address is null and sizes.addresses > 0

),

states as (

    select * from current_states

    union all

    select * from absent_states

),

-- Most addresses never have a label, an alert or a profile. What is not known
-- of them is not kept.
changed_states as (

    select
        states.*,
        coalesce(last_states.is_alert, false) as was_alert
    from states
    left join last_states on states.address = last_states.address
    where
        (
            last_states.address is null
            and (
                states.label_state <> 'unlabelled'
                or states.is_alert
                or states.profile is not null
            )
        )
        or (
            last_states.address is not null
            and (
                {% for state in compared -%}
                coalesce(cast(states.{{ state }} as {{ text }}), '')
                <> coalesce(cast(last_states.{{ state }} as {{ text }}), '')
                {{ 'or' if not loop.last }}
                {% endfor %}
            )
        )

)

select
    address,
    run_id,
    label_state,
    scam_state,
    risk_tier,
    profile,
    case
        when is_alert and not was_alert then 'opened'
        when was_alert and not is_alert then 'closed'
    end as alert_change,
    is_alert,
    {{ timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) }}
        as changed_at
from changed_states
