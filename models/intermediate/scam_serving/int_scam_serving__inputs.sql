with

features as (

    select * from {{ ref('int_features__window_addresses') }}
    where
        window_name = 'lifetime'
        and tx_count >= {{ setting('least_events') }}

),

-- The fit that scores.
proximities as (

    select * from {{ ref('int_scam_training__proximities') }}
    where fit_name = 'lifetime' and window_name = 'lifetime'

),

inputs as (

    select
        {% for feature in fit_features() -%}
        coalesce(proximities.{{ feature }}, 0) as {{ feature }},
        {% endfor -%}
        features.*
    from features
    left join proximities on features.address = proximities.address

)

-- The fingerprint leaves out features that change without the address acting:
-- the behaviour of its counterparties, and the end of the data.
select
    address,
    {{ wide_fingerprint(own_features()) }} as features_fingerprint,
    {% for feature in model_features() -%}
    {{ feature }},
    {% endfor -%}
    {{ address_bucket('address', 1000) }} as sample_bucket,
    {{ address_fifth('address') }} as address_fifth,
    first_event_at
from inputs
