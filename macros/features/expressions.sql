{# total / number as floating point, 0 where there is nothing to average. #}
{% macro mean_or_zero(total, number) -%}
    coalesce(
        cast({{ total }} as {{ type_double() }})
        / nullif(cast({{ number }} as {{ type_double() }}), 0),
        0
    )
{%- endmacro %}

{# MD5 of the columns' values: differs when one of them changes. #}
{% macro fingerprint(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(
            "coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')"
        ) -%}
    {%- endfor -%}
    {{ dbt.hash("concat(" ~ texts | join(", '|', ") ~ ")") }}
{%- endmacro %}

{# Condition that a feature, an entry of the catalogue, is out of its bounds. #}
{% macro is_out_of_range(feature) -%}
    {%- set conditions = [] -%}
    {%- if feature.min_value is not none -%}
        {%- do conditions.append(feature.name ~ ' < ' ~ feature.min_value) -%}
    {%- endif -%}
    {%- if feature.max_value is not none -%}
        {%- do conditions.append(feature.name ~ ' > ' ~ feature.max_value) -%}
    {%- endif -%}
    {{ conditions | join(' or ') or 'false' }}
{%- endmacro %}
