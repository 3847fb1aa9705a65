{# A number as text in a C format such as %.3f. NULL stays NULL. #}
{% macro number_text(number, number_format) %}
    {{- return(adapter.dispatch('number_text')(number, number_format)) -}}
{% endmacro %}
{% macro duckdb__number_text(number, number_format) -%}
    printf('{{ number_format }}', {{ number }})
{%- endmacro %}
{% macro bigquery__number_text(number, number_format) -%}
    format('{{ number_format }}', {{ number }})
{%- endmacro %}
