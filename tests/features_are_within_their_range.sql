{{ config(tags=['whole_history']) }}

{#- The smallest and largest value a feature can have is in the catalogue. -#}
{%- set features = feature_catalogue()
    | rejectattr('family', 'equalto', 'proximity') | list %}

with

features as (

    select * from {{ ref('int_features__window_addresses') }}

),

counts as (

    select
        {% for feature in features -%}
        count(case when {{ is_out_of_range(feature) }} then 1 end)
            as {{ feature.name }},
        {% endfor -%}
        count(*) as addresses
    from features

),

feature_counts as (
    {{ unpivot(features | map(attribute='name') | list, 'counts') }}
)

select
    feature_name,
    feature_value as addresses_out_of_range
from feature_counts
where feature_value > 0
