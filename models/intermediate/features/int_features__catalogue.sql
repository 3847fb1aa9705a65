{%- set text = dbt.type_string() %}
{%- set texts = [
    'name', 'family', 'model', 'data_type', 'unit', 'alias_of', 'when_absent',
    'description', 'reason_topic', 'reason_side', 'phrase', 'zero_phrase',
    'unknown_phrase', 'singular', 'plural',
] %}

with

catalogue as (
    {% for feature in feature_catalogue() %}
    select
        cast({{ loop.index }} as {{ dbt.type_bigint() }}) as feature_number,
        cast({{ feature.monotone_direction }} as {{ dbt.type_bigint() }})
            as monotone_direction,
        {% for column in texts -%}
        cast({{ text_literal(feature[column]) }} as {{ text }}) as {{ column }},
        {% endfor -%}
        {% for column in ['min_value', 'max_value'] -%}
        cast(
            {{ 'null' if feature[column] is none else feature[column] }}
            as {{ type_double() }}
        ) as {{ column }},
        {% endfor -%}
        {{ feature.is_of_amounts | lower }} as is_of_amounts,
        {{ feature.is_of_absolute_time | lower }} as is_of_absolute_time,
        {{ feature.is_of_others | lower }} as is_of_others,
        {{ feature.refreshed_with_training | lower }}
            as refreshed_with_training,
        {{ feature.is_of_coverage | lower }} as is_of_coverage
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    name as feature_name,
    family as feature_family,
    model as computed_by,
    data_type,
    unit,
    alias_of,
    when_absent,
    description,
    reason_topic,
    reason_side,
    phrase,
    zero_phrase,
    unknown_phrase,
    singular,
    plural,

    feature_number,
    monotone_direction,
    min_value,
    max_value,

    is_of_amounts,
    is_of_absolute_time,
    is_of_others,
    refreshed_with_training,
    is_of_coverage
from catalogue
