{#
    Exports disagree on types, so each parser takes a column of any type and
    gives NULL for what it cannot read. A base model tells NULL in the input
    from unreadable input by looking at the text.
#}

{# Lower-case text. The empty string of CSV exports is NULL. #}
{% macro clean_text(column) -%}
    lower(nullif(cast({{ column }} as {{ dbt.type_string() }}), ''))
{%- endmacro %}

{# Decimal text, integral ("12", "12.0") or scientific ("4.7E+18"). #}
{% macro is_integral_number(column) -%}
    {{ matches(column, '-?[0-9]+([.]0*|([.][0-9]*)?[eE][+]?[0-9]+)?') }}
{%- endmacro %}

{# Exact wei, or NULL if not an integral number of at most 38 digits. #}
{% macro parse_wei(column) %}
    {{- return(adapter.dispatch('parse_wei')(column)) -}}
{% endmacro %}
{# try_cast(text as decimal(38, 0)) takes 27 s a million rows, this 0.1 s. #}
{% macro duckdb__parse_wei(column) -%}
    {%- set number = 'try_cast(cast(' ~ column ~ ' as varchar) as hugeint)' -%}
    {%- set double = 'try_cast(' ~ column ~ ' as double)' -%}
    case
        when
            typeof({{ column }}) = 'DECIMAL(38,0)'
            or {{ matches(column, '-?[0-9]{1,38}([.]0*)?') }}
            then {{ number }}
        when
            {{ is_integral_number(column) }}
            and {{ double }} = trunc({{ double }})
            and abs({{ double }}) < 1e38
            then {{ number }}
    end
{%- endmacro %}
{% macro bigquery__parse_wei(column) -%}
    {%- set number -%}
        safe_cast(cast({{ column }} as string) as bignumeric)
    {%- endset -%}
    case
        when
            {{ is_integral_number(column) }}
            and {{ number }} = trunc({{ number }})
            and abs({{ number }})
            <= cast('99999999999999999999999999999999999999' as bignumeric)
            then {{ number }}
    end
{%- endmacro %}

{# 64-bit integer, or NULL. #}
{% macro parse_integer(column) %}
    {{- return(adapter.dispatch('parse_integer')(column)) -}}
{% endmacro %}
{# The cast alone would round 12.7. Integers of a Parquet file need no check. #}
{% macro duckdb__parse_integer(column) -%}
    case
        when
            typeof({{ column }}) <> 'BIGINT'
            and try_cast({{ column }} as double) % 1 <> 0
            then null
        else try_cast({{ column }} as bigint)
    end
{%- endmacro %}
{% macro bigquery__parse_integer(column) -%}
    safe_cast(cast({{ column }} as string) as int64)
{%- endmacro %}

{# Boolean, or NULL. #}
{% macro parse_boolean(column) %}
    {{- return(adapter.dispatch('parse_boolean')(column)) -}}
{% endmacro %}
{% macro duckdb__parse_boolean(column) -%}
    try_cast({{ column }} as boolean)
{%- endmacro %}
{% macro bigquery__parse_boolean(column) -%}
    safe_cast(cast({{ column }} as string) as bool)
{%- endmacro %}

{#
    UTC timestamp from a timestamp, ISO text, epoch seconds or US text
    "12/31/2018 1:06:37", or NULL. ISO text without an offset is UTC, and its
    seconds may be absent.
#}
{% macro parse_timestamp(column) %}
    {{- return(adapter.dispatch('parse_timestamp')(column)) -}}
{% endmacro %}
{# DuckDB would read names of time zones too, and then later rows in them. #}
{% macro duckdb__parse_timestamp(column) -%}
    {%- set iso_time = '[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}([ Tt][0-9:.]+)?'
        ~ '( ?(UTC|[Zz]|[+-][0-9:]+))?' -%}
    coalesce(
        case
            when typeof({{ column }}) <> 'VARCHAR'
                then try_cast({{ column }} as timestamp)
            when {{ matches(column, iso_time) }}
                then cast(
                    try_cast(cast({{ column }} as varchar) as timestamptz)
                    as timestamp
                )
        end,
        try(make_timestamp(
            try_cast(cast({{ column }} as varchar) as bigint) * 1000000
        )),
        try_strptime(cast({{ column }} as varchar), '%m/%d/%Y %H:%M:%S')
    )
{%- endmacro %}
{% macro bigquery__parse_timestamp(column) -%}
    coalesce(
        safe_cast(cast({{ column }} as string) as timestamp),
        safe.parse_timestamp(
            '%Y-%m-%d %H:%M', cast({{ column }} as string)
        ),
        safe.timestamp_seconds(
            safe_cast(cast({{ column }} as string) as int64)
        ),
        safe.parse_timestamp(
            '%m/%d/%Y %H:%M:%S', cast({{ column }} as string)
        )
    )
{%- endmacro %}

{# True where the whole text matches the pattern. #}
{% macro matches(column, pattern) %}
    {{- return(adapter.dispatch('matches')(column, pattern)) -}}
{% endmacro %}
{% macro duckdb__matches(column, pattern) -%}
    regexp_full_match(cast({{ column }} as varchar), '{{ pattern }}')
{%- endmacro %}
{% macro bigquery__matches(column, pattern) -%}
    regexp_contains(cast({{ column }} as string), r'^({{ pattern }})$')
{%- endmacro %}

{# True for 0x and this many lower-case hexadecimal digits. #}
{% macro is_hex(column, digits) -%}
    {{ matches(column, '0x[0-9a-f]{' ~ digits ~ '}') }}
{%- endmacro %}
