{# Columns of a relation as rows of feature_name and feature_value (double). #}
{% macro unpivot(columns, relation) -%}
    {%- for column in columns %}
    select
        '{{ column }}' as feature_name,
        cast({{ column }} as {{ type_double() }}) as feature_value
    from {{ relation }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
