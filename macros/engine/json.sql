{# The scalar at a path of a JSON text, as text. NULL where there is none. #}
{% macro json_text(column, path) %}
    {{- return(adapter.dispatch('json_text')(column, path)) -}}
{% endmacro %}
{% macro duckdb__json_text(column, path) -%}
    json_extract_string({{ column }}, '{{ path }}')
{%- endmacro %}
{% macro bigquery__json_text(column, path) -%}
    json_value({{ column }}, '{{ path }}')
{%- endmacro %}
