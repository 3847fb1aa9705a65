{%- set relation = built_relation('int_features__stored_features') %}
{%- set recomputed = feature_catalogue()
    | selectattr('model', 'in', ['address_tokens', 'address_lookalikes']) | list %}

-- depends_on: {{ ref('int_features__fold_bounds') }}
-- depends_on: {{ ref('int_features__windows') }}
-- depends_on: {{ ref('int_features__address_tokens') }}
-- depends_on: {{ ref('int_features__address_lookalikes') }}

with

events as (

    select address_key from {{ ref('int_features__new_events') }}

)
{%- if adds_to_parts() and relation %},

tokens as (

    select * from {{ ref('int_features__address_tokens') }}

),

lookalikes as (

    select * from {{ ref('int_features__address_lookalikes') }}

),

stored as (

    select * from {{ relation }}
    where {{ is_lifetime('window_id') }}

)

-- An address changed if it acted since the last settled day, if its stored
-- features hold events that are counted again, or if a feature that every run
-- computes for all addresses differs from the stored one.
select address_key from events

union distinct

select stored.address_key
from stored
left join tokens
    on
        stored.window_id = tokens.window_id
        and stored.address_key = tokens.address_key
left join lookalikes
    on
        stored.window_id = lookalikes.window_id
        and stored.address_key = lookalikes.address_key
where
    stored.last_event_at
    >= {{ timestamp_literal(fold_bounds().start ~ ' 00:00:00') }}
    {%- for feature in recomputed %}
    {%- set name = feature.model | replace('address_', '')
        ~ '.' ~ feature.name %}
    or stored.{{ feature.name }} <> coalesce({{ name }}, 0)
    {%- endfor %}
{%- else %}

-- A run that computes all addresses reads no list of them.
select address_key from events
where false
{%- endif %}
