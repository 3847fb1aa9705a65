{# total / number as floating point, 0 where there is nothing to average. #}
{% macro mean_or_zero(total, number) -%}
    coalesce(
        cast({{ total }} as {{ type_double() }})
        / nullif(cast({{ number }} as {{ type_double() }}), 0),
        0
    )
{%- endmacro %}

{#
    Text that differs when one of the columns' values changes, for wide rows.
    DuckDB's hash() reads numbers as they are, in a thirtieth of the time that
    their texts take. It may change with DuckDB's version, and then everything
    counts as changed once.
#}
{% macro wide_fingerprint(columns) %}
    {{- return(adapter.dispatch('wide_fingerprint')(columns)) -}}
{% endmacro %}
{% macro duckdb__wide_fingerprint(columns) -%}
    cast(hash({{ columns | join(', ') }}) as {{ dbt.type_string() }})
{%- endmacro %}
{# Bytes are billed there, and not the work. #}
{% macro bigquery__wide_fingerprint(columns) -%}
    {{ fingerprint(columns) }}
{%- endmacro %}

{#
    MD5 of the columns' values: differs when one of them changes, and is the
    same on both engines.
#}
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
