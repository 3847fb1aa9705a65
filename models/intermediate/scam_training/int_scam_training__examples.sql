{{ config(tags=['train']) }}

with

training_addresses as (

    select * from {{ ref('int_scam_training__addresses') }}

),

windows as (

    select * from {{ ref('feature_windows') }}

),

features as (

    select * from {{ ref('address_window_features') }}

),

exposures as (

    select * from {{ ref('int_scam_training__proximities') }}

)

select
    training_addresses.fit_name,
    training_addresses.address,
    training_addresses.window_name,
    training_addresses.split,
    {% for feature in dictionary_features() + behaviour_features() -%}
    features.{{ feature }},
    {% endfor -%}
    {% for feature in exposure_features() -%}
    coalesce(exposures.{{ feature }}, 0) as {{ feature }},
    {% endfor -%}
    training_addresses.is_scam,
    training_addresses.is_labelled,
    training_addresses.address_fifth,
    windows.window_start,
    windows.window_end,
    windows.labels_known_at
from training_addresses
inner join windows on training_addresses.window_name = windows.window_name
inner join features
    on
        training_addresses.window_name = features.window_name
        and training_addresses.address = features.address
left join exposures
    on
        training_addresses.fit_name = exposures.fit_name
        and training_addresses.window_name = exposures.window_name
        and training_addresses.address = exposures.address
