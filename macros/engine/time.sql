{# Whole seconds since 1970-01-01 UTC. #}
{% macro epoch_seconds(column) %}
    {{- return(adapter.dispatch('epoch_seconds')(column)) -}}
{% endmacro %}
{% macro duckdb__epoch_seconds(column) -%}
    (epoch_ms({{ column }}) // 1000)
{%- endmacro %}
{% macro bigquery__epoch_seconds(column) -%}
    unix_seconds({{ column }})
{%- endmacro %}

{# Now, UTC, in the type of the project's timestamps. #}
{% macro now_utc() %}{{- return(adapter.dispatch('now_utc')()) -}}{% endmacro %}
{% macro duckdb__now_utc() -%}
    cast(now() as timestamp)
{%- endmacro %}
{% macro bigquery__now_utc() -%}
    current_timestamp()
{%- endmacro %}

{#
    A timestamp moved on by a number of seconds, minutes, hours or days.
    dbt.dateadd gives a DATETIME on BigQuery, which no timestamp compares with.
#}
{% macro later_by(column, number, unit) %}
    {{- return(adapter.dispatch('later_by')(column, number, unit)) -}}
{% endmacro %}
{% macro duckdb__later_by(column, number, unit) -%}
    ({{ column }} + interval {{ number }} {{ unit }})
{%- endmacro %}
{% macro bigquery__later_by(column, number, unit) -%}
    timestamp_add({{ column }}, interval {{ number }} {{ unit }})
{%- endmacro %}

{# The earlier of two times. NULL counts as absent, not as unknown. #}
{% macro earlier_of(one, other) -%}
    least(coalesce({{ one }}, {{ other }}), coalesce({{ other }}, {{ one }}))
{%- endmacro %}

{# The later of two times. NULL counts as absent, not as unknown. #}
{% macro later_of(one, other) -%}
    greatest(coalesce({{ one }}, {{ other }}), coalesce({{ other }}, {{ one }}))
{%- endmacro %}

{# '2021-10-03 02:39:45' #}
{% macro timestamp_text(column) %}
    {{- return(adapter.dispatch('timestamp_text')(column)) -}}
{% endmacro %}
{% macro duckdb__timestamp_text(column) -%}
    strftime({{ column }}, '%Y-%m-%d %H:%M:%S')
{%- endmacro %}
{% macro bigquery__timestamp_text(column) -%}
    format_timestamp('%Y-%m-%d %H:%M:%S', {{ column }})
{%- endmacro %}
