with

features as (

    select * from {{ ref('int_features__window_addresses') }}
    where window_name = 'lifetime'

),

investor_features as (

    select * from {{ ref('int_investor_profiles__features') }}

),

label_states as (

    select * from {{ ref('int_addresses__label_states') }}

)

select
    features.address,
    {% for feature in window_features() -%}
    features.{{ feature }},
    {% endfor -%}
    {% for feature in wei_features() -%}
    features.{{ feature.name }} / 1e18 as {{ feature.name }}_eth,
    {% endfor -%}
    investor_features.ether_balance,
    investor_features.unique_tokens,
    investor_features.unique_transfers,
    investor_features.is_balance_derived,
    coalesce(label_states.label_state = 'scam', false) as is_scam,
    features.first_event_at,
    features.last_event_at
from features
left join investor_features on features.address = investor_features.address
left join label_states on features.address = label_states.address
