{{ config(materialized='table', **layout(cluster_by=['address'])) }}

with

features as (

    select * from {{ ref('address_window_features') }}
    where window_name = 'lifetime'

),

investor_features as (

    select * from {{ ref('int_investor_profiles__features') }}

)

select
    features.address,
    {% for feature in dictionary_features() + behaviour_features() -%}
    features.{{ feature }},
    {% endfor -%}
    investor_features.ether_balance,
    investor_features.unique_tokens,
    investor_features.unique_transfers,
    investor_features.is_balance_derived,
    features.is_scam,
    features.first_event_at,
    features.last_event_at
from features
left join investor_features on features.address = investor_features.address
