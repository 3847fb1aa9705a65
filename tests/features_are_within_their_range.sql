{{ config(tags=['whole_history']) }}

{#- The smallest and largest value a feature can have is in the catalogue. -#}
{%- set conditions = {} -%}
{%- for feature in feature_catalogue()
    | rejectattr('family', 'equalto', 'proximity') -%}
    {%- set outside = [] -%}
    {%- if feature.min_value is not none -%}
        {%- do outside.append(feature.name ~ ' < ' ~ feature.min_value) -%}
    {%- endif -%}
    {%- if feature.max_value is not none -%}
        {%- do outside.append(feature.name ~ ' > ' ~ feature.max_value) -%}
    {%- endif -%}
    {%- if outside -%}
        {%- do conditions.update({feature.name: outside | join(' or ')}) -%}
    {%- endif -%}
{%- endfor %}

with

features as (

    select * from {{ ref('int_features__window_addresses') }}

),

counts as (

    select
        {% for feature, is_outside in conditions.items() -%}
        count(case when {{ is_outside }} then 1 end) as {{ feature }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from features

),

feature_counts as (
    {{ unpivot(conditions.keys() | list, 'counts') }}
)

select
    feature_name,
    feature_value as addresses_out_of_range
from feature_counts
where feature_value > 0
