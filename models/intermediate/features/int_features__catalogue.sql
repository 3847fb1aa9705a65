{%- set text = dbt.type_string() %}
{%- set texts = [
    'name', 'family', 'model', 'data_type', 'unit', 'alias_of', 'when_absent',
    'description', 'reason_topic', 'reason_side', 'phrase', 'zero_phrase',
    'unknown_phrase', 'singular', 'plural',
] %}
{%- set booleans = [
    'is_of_amounts', 'is_of_absolute_time', 'is_of_others',
    'refreshed_with_training', 'is_of_coverage',
] %}
{%- set numbers = ['monotone_direction', 'min_value', 'max_value'] %}

with

-- The first row names the columns, and types are cast below: a name and a cast
-- at each of some two thousand values would double the text of this query.
catalogue as (
    {% for feature in feature_catalogue() %}
    {%- set is_first = loop.first %}
    select
        {% for name in texts -%}
        {{ text_literal(feature[name]) }}{{ ' as ' ~ name if is_first }},
        {% endfor -%}
        {% for name in numbers -%}
        {% set value = 'null' if feature[name] is none else feature[name] -%}
        {{ value }}{{ ' as ' ~ name if is_first }},
        {% endfor -%}
        {% for name in booleans -%}
        {{ feature[name] | lower }}{{ ' as ' ~ name if is_first }},
        {% endfor -%}
        {{ loop.index }} as feature_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    cast(name as {{ text }}) as feature_name,
    cast(family as {{ text }}) as feature_family,
    cast(model as {{ text }}) as computed_by,
    cast(data_type as {{ text }}) as data_type,
    cast(unit as {{ text }}) as unit,
    cast(alias_of as {{ text }}) as alias_of,
    cast(when_absent as {{ text }}) as when_absent,
    cast(description as {{ text }}) as description,
    cast(reason_topic as {{ text }}) as reason_topic,
    cast(reason_side as {{ text }}) as reason_side,
    cast(phrase as {{ text }}) as phrase,
    cast(zero_phrase as {{ text }}) as zero_phrase,
    cast(unknown_phrase as {{ text }}) as unknown_phrase,
    cast(singular as {{ text }}) as singular,
    cast(plural as {{ text }}) as plural,

    cast(feature_number as {{ dbt.type_bigint() }}) as feature_number,
    cast(monotone_direction as {{ dbt.type_bigint() }}) as monotone_direction,
    cast(min_value as {{ type_double() }}) as min_value,
    cast(max_value as {{ type_double() }}) as max_value,

    is_of_amounts,
    is_of_absolute_time,
    is_of_others,
    refreshed_with_training,
    is_of_coverage
from catalogue
