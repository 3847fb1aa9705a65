with

training_addresses as (

    select * from {{ ref('int_scam_training__addresses') }}

),

windows as (

    select * from {{ ref('int_features__windows') }}

),

features as (

    select * from {{ ref('int_features__window_addresses') }}

),

proximities as (

    select * from {{ ref('int_scam_training__stored_proximities') }}

)

select
    training_addresses.fit_name,
    training_addresses.address,
    training_addresses.window_name,
    {% for feature in window_features() -%}
    features.{{ feature }},
    {% endfor -%}
    {% for feature in fit_features() -%}
    coalesce(proximities.{{ feature }}, 0) as {{ feature }},
    {% endfor -%}
    training_addresses.is_scam,
    training_addresses.is_labelled,
    training_addresses.address_fifth,
    windows.window_start,
    windows.window_end,
    training_addresses.labels_known_at
from training_addresses
inner join windows on training_addresses.window_name = windows.window_name
inner join features
    on
        training_addresses.window_name = features.window_name
        and training_addresses.address = features.address
left join proximities
    on
        training_addresses.fit_name = proximities.fit_name
        and training_addresses.window_name = proximities.window_name
        and training_addresses.address = proximities.address
