{# Exact wei: integers up to 38 digits, wide enough for sums. DuckDB's decimals
   cannot be multiplied at that width, so there it is a 128-bit integer. #}
{% macro type_wei() %}{{ return(adapter.dispatch('type_wei')()) }}{% endmacro %}
{% macro duckdb__type_wei() %}hugeint{% endmacro %}
{% macro bigquery__type_wei() %}bignumeric{% endmacro %}

{# Wei that are stored for every event or pair of addresses: up to 29 digits,
   hundreds of times all ether, in half the bytes that BigQuery bills. #}
{% macro narrow_wei(expression) %}
    {{- return(adapter.dispatch('narrow_wei')(expression)) -}}
{% endmacro %}
{% macro duckdb__narrow_wei(expression) -%}{{ expression }}{%- endmacro %}
{% macro bigquery__narrow_wei(expression) -%}
    cast({{ expression }} as numeric)
{%- endmacro %}

{# 64-bit floating point. dbt.type_float() is 32-bit on DuckDB. #}
{% macro type_double() %}{{ return(adapter.dispatch('type_double')()) }}{% endmacro %}
{% macro duckdb__type_double() %}double{% endmacro %}
{% macro bigquery__type_double() %}float64{% endmacro %}

{# An amount of ether, a decimal text of at most 18 places, as exact wei. #}
{% macro wei(ether) -%}
    {%- set parts = (ether ~ '.').split('.') -%}
    {%- set digits = (parts[0] ~ (parts[1] ~ '0' * 18)[:18]).lstrip('0') -%}
    cast('{{ digits }}' as {{ type_wei() }})
{%- endmacro %}

{# The engine's own name of a type, which YAML calls as BigQuery does. #}
{% macro native_type(data_type) %}
    {{- return(adapter.dispatch('native_type')(data_type)) -}}
{% endmacro %}

{% macro duckdb__native_type(data_type) %}
    {{ return({
        'string': 'varchar', 'int64': 'bigint', 'float64': 'double',
        'bignumeric': 'hugeint', 'numeric': 'hugeint',
    }.get(data_type, data_type)) }}
{% endmacro %}

{# Its API still says integer, float and boolean. #}
{% macro bigquery__native_type(data_type) %}
    {{ return({
        'integer': 'int64', 'float': 'float64', 'bool': 'boolean'
    }.get(data_type, data_type)) }}
{% endmacro %}
