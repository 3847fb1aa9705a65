{# A text as a SQL literal of the engine. NULL for none. #}
{% macro text_literal(text) -%}
    {%- if text is none -%}
    null
    {%- else -%}
    '{{ adapter.dispatch('escaped_text')(text) }}'
    {%- endif -%}
{%- endmacro %}

{# A text as it stands between the quotes of a literal. #}
{% macro duckdb__escaped_text(text) -%}
    {{ text | replace("'", "''") }}
{%- endmacro %}
{% macro bigquery__escaped_text(text) -%}
    {{ text | replace("\\", "\\\\") | replace("'", "\\'") | replace("\n", "\\n") }}
{%- endmacro %}
