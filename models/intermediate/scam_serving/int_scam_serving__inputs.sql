{#- What others do, or the end of the data, is no news about an address. -#}
{%- set changing_features = model_features()
    | reject('in', absolute_time_features())
    | reject('in', neighbourhood_features()) | list %}

with

features as (

    select * from {{ ref('address_features') }}

),

-- The fit that scores.
exposures as (

    select * from {{ ref('int_scam_training__proximities') }}
    where fit_name = 'lifetime' and window_name = 'lifetime'

),

inputs as (

    select
        {% for feature in exposure_features() -%}
        coalesce(exposures.{{ feature }}, 0) as {{ feature }},
        {% endfor -%}
        features.*
    from features
    left join exposures on features.address = exposures.address

)

select
    address,
    {{ fingerprint(changing_features) }} as features_fingerprint,
    {% for feature in model_features() -%}
    {{ feature }},
    {% endfor -%}
    {{ address_bucket('address', 1000) }} as address_bucket,
    {{ address_fifth('address') }} as address_fifth,
    first_event_at
from inputs
