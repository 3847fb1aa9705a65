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
        count(
            case
                when
                    {{ feature.name }}
                    < {{ 'null' if feature.min_value is none
                        else feature.min_value }}
                    or {{ feature.name }}
                    > {{ 'null' if feature.max_value is none
                        else feature.max_value }}
                    then 1
            end
        ) as {{ feature.name }}{{ ',' if not loop.last }}
        {% endfor %}
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
