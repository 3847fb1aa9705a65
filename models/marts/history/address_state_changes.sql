{{ config(
    materialized='incremental',
    full_refresh=false,
    **layout(cluster_by=['address'])
) }}
{%- set text = dbt.type_string() %}
{%- set states = [
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

-- That a score is older than the data is said of a run, not of the address.
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

-- Most addresses never have a label, an alert or a profile. What is not known
-- of them is not kept.
changed_states as (

    select
        current_states.*,
        coalesce(last_states.is_alert, false) as was_alert
    from current_states
    left join last_states on current_states.address = last_states.address
    where
        (
            last_states.address is null
            and (
                current_states.label_state <> 'unlabelled'
                or current_states.is_alert
                or current_states.profile is not null
            )
        )
        or (
            last_states.address is not null
            and (
                {% for state in states -%}
                coalesce(cast(current_states.{{ state }} as {{ text }}), '')
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
