-- depends_on: {{ ref('int_scam_serving__champion') }}
-- depends_on: {{ ref('int_scam_evaluation__policies') }}
{{ config(materialized='table', **layout_by_read_group()) }}
{%- set quiet_scores = quiet_scores() %}

with

features as (

    select * from {{ ref('int_features__window_addresses') }}
    where
        window_name = 'lifetime'
        and tx_count >= {{ setting('least_events') }}

),

proximities as (

    select * from {{ ref('int_scam_serving__proximities') }}

),

joined_features as (

    select
        {% for feature in fit_features() -%}
        coalesce(proximities.{{ feature }}, 0) as {{ feature }},
        {% endfor -%}
        features.*
    from features
    left join proximities on features.address = proximities.address

),

-- The fingerprint leaves out features that change without the address acting:
-- the behaviour of its counterparties, and the end of the data.
inputs as (

    select
        address,
        {{ wide_fingerprint(own_features()) }} as features_fingerprint,
        {% for feature in model_features() -%}
        {{ feature }},
        {% endfor -%}
        {{ address_bucket('address', 1000) }} as sample_bucket,
        {{ address_fifth('address') }} as address_fifth,
        first_event_at
    from joined_features

)
{%- if quiet_scores %},

quiet_scores as (
    {{ quiet_scores }}
),

drift_sample as (

    select address from inputs
    order by {{ dbt.hash('address') }}, address
    limit {{ drift_sample_size() }}

)

select
    inputs.*,
    case
        when
            quiet_scores.address is null or drift_sample.address is not null
            then 1
        else 0
    end as read_group
from inputs
left join quiet_scores
    on
        inputs.address = quiet_scores.address
        and inputs.features_fingerprint = quiet_scores.features_fingerprint
left join drift_sample on inputs.address = drift_sample.address
{%- else %}

select
    *,
    1 as read_group
from inputs
{%- endif %}
