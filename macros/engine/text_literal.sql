{# A text as a SQL literal of the engine. NULL for none. #}
{% macro text_literal(text) -%}
    {%- if text is none -%}
    null
    {%- else -%}
    {{ dbt.string_literal(dbt.escape_single_quotes(text)) }}
    {%- endif -%}
{%- endmacro %}
