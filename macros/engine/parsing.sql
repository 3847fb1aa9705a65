{#
    Exports disagree on types, so each parser takes a column of any type and
    gives NULL for what it cannot read. A base model tells NULL in the input
    from unreadable input by looking at the text.
#}

{# How exports write NULL, in lower case. #}
{% macro null_spellings() %}
    {{ return(
        ['', 'none', 'nan', 'null', 'nat', '<na>', 'na', 'n/a', '\\n']
    ) }}
{% endmacro %}

{#
    Lower-case text. A spelling of NULL is NULL. Only short texts are compared,
    because most are addresses and hashes.
#}
{% macro clean_text(column, spellings=none) -%}
    {%- set text = 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    case
        when
            {{ byte_length(text) }} <= 4
            and {{ is_one_of('lower(' ~ text ~ ')', spellings or null_spellings()) }}
            then null
        else lower({{ text }})
    end
{%- endmacro %}

{# True for a text that is in a list. #}
{% macro is_one_of(text, values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(text_literal(value) | trim) -%}
    {%- endfor -%}
    {{- adapter.dispatch('is_one_of')(text, literals | join(', ')) -}}
{%- endmacro %}
{# DuckDB makes a join of a list behind IN, and all columns pass through it. #}
{% macro duckdb__is_one_of(text, literals) -%}
    list_contains([{{ literals }}], {{ text }})
{%- endmacro %}
{% macro bigquery__is_one_of(text, literals) -%}
    {{ text }} in ({{ literals }})
{%- endmacro %}

{# Bytes of a text. Characters would have to be counted. #}
{% macro byte_length(text) %}
    {{- return(adapter.dispatch('byte_length')(text)) -}}
{% endmacro %}
{% macro duckdb__byte_length(text) -%}strlen({{ text }}){%- endmacro %}
{% macro bigquery__byte_length(text) -%}byte_length({{ text }}){%- endmacro %}

{# An address or hash: lower-case text, where nothing but 0x is NULL too. #}
{% macro clean_hex(column) -%}
    {{ clean_text(column, null_spellings() + ['0x']) }}
{%- endmacro %}

{# Address of a created contract. Some exports say 0x000… where there is none. #}
{% macro clean_created_address(column) -%}
    nullif({{ clean_hex(column) }}, '0x{{ '0' * 40 }}')
{%- endmacro %}

{# True where the input has a value that could not be parsed. #}
{% macro is_unreadable(column, parsed_column) -%}
    case when {{ parsed_column }} is null then {{ clean_text(column) }} end
    is not null
{%- endmacro %}

{#
    Decimal text, integral ("12", "12.0") or scientific ("4.7E+18"). With 18
    decimals, as ether has, "2.000000000000000000" is an amount of ether.
#}
{% macro is_integral_number(column) -%}
    {{ matches(column, '-?[0-9]+([.]0{0,17}|([.][0-9]*)?[eE][+]?[0-9]+)?') }}
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
            or {{ matches(column, '-?[0-9]{1,38}([.]0{0,17})?') }}
            then {{ number }}
        when
            {{ is_integral_number(column) }}
            and {{ double }} = trunc({{ double }})
            and abs({{ double }}) < 1e38
            then {{ number }}
        when {{ matches('lower(cast(' ~ column ~ ' as varchar))', '0x[0-9a-f]{1,64}') }}
            then {{ hex_number(column) }}
    end
{%- endmacro %}
{# The digits of a node's quantity, or of a number exported as bytes, in two
   halves of 64 bits. NULL if it is wider than 127 bits. #}
{% macro hex_number(column) -%}
    {%- set digits = "ltrim(lower(cast(" ~ column ~ " as varchar))[3:], '0')" -%}
    case
        when
            length({{ digits }}) < 32
            or (length({{ digits }}) = 32 and {{ digits }} < '8')
            then
                cast(concat('0x', lpad({{ digits }}, 32, '0')[:16]) as ubigint)
                * 18446744073709551616::hugeint
                + cast(concat('0x', lpad({{ digits }}, 32, '0')[17:]) as ubigint)
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

{#
    1 or 0 of a flag in any common spelling, or NULL. A number stays as it is, so
    that 2 can be told from a flag.
#}
{% macro parse_flag(column) %}
    {{- return(adapter.dispatch('parse_flag')(column)) -}}
{% endmacro %}
{# Numbers of a Parquet file need no text. #}
{% macro duckdb__parse_flag(column) -%}
    case
        when typeof({{ column }}) = 'VARCHAR' then {{ flag_of_text(column) }}
        else try_cast({{ column }} as bigint)
    end
{%- endmacro %}
{% macro bigquery__parse_flag(column) -%}
    {{ flag_of_text(column) }}
{%- endmacro %}
{% macro flag_of_text(column) -%}
    {%- set text = 'lower(trim(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')))' -%}
    case
        when {{ text }} in ('0', '1') then {{ parse_integer(column) }}
        when {{ is_one_of(text, ['true', 't', 'yes', 'y', 'ok', 'success']) }}
            then 1
        when {{ is_one_of(
            text, ['false', 'f', 'no', 'n', 'failed', 'failure', 'error']
        ) }}
            then 0
        else {{ parse_integer(column) }}
    end
{%- endmacro %}

{#
    UTC timestamp from a timestamp, ISO text, epoch seconds or, as explorers
    write it, US text "12/31/2018 1:06:37", or NULL. ISO text without an offset
    is UTC, and its seconds may be absent.
#}
{% macro parse_timestamp(column) -%}
    coalesce(
        {{ parse_iso_timestamp(column) }},
        {{ parse_us_timestamp(column) }}
    )
{%- endmacro %}

{# The same without US text, which elsewhere may begin with the day. #}
{% macro parse_iso_timestamp(column) %}
    {{- return(adapter.dispatch('parse_iso_timestamp')(column)) -}}
{% endmacro %}
{#
    DuckDB would read names of time zones too, and then later rows in them, and
    seconds with an exponent, which a spreadsheet has rounded to hours. It does
    not read an offset after a space, as Snowflake and Go write it.
#}
{% macro duckdb__parse_iso_timestamp(column) -%}
    {%- set text = 'cast(' ~ column ~ ' as varchar)' -%}
    {%- set iso_time = '[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}([ Tt][0-9:.]+)?'
        ~ '( ?(UTC|[Zz]|[+-][0-9:]+))?' -%}
    coalesce(
        case
            when typeof({{ column }}) <> 'VARCHAR'
                then try_cast({{ column }} as timestamp)
            when {{ matches(column, iso_time) }}
                then cast(
                    coalesce(
                        try_cast({{ text }} as timestamptz),
                        try_cast(
                            regexp_replace({{ text }}, ' ([Zz+-][0-9:]*)$', '\1')
                            as timestamptz
                        )
                    ) as timestamp
                )
        end,
        case
            when {{ matches(column, '0[xX][0-9a-fA-F]+|-?[0-9]+([.][0-9]*)?') }}
                then try(make_timestamp(
                    try_cast({{ text }} as bigint) * 1000000
                ))
        end
    )
{%- endmacro %}
{% macro bigquery__parse_iso_timestamp(column) -%}
    coalesce(
        safe_cast(cast({{ column }} as string) as timestamp),
        safe.parse_timestamp(
            '%Y-%m-%d %H:%M', cast({{ column }} as string)
        ),
        safe.timestamp_seconds(
            safe_cast(cast({{ column }} as string) as int64)
        )
    )
{%- endmacro %}

{# UTC timestamp from text "12/31/2018 1:06:37", or NULL. #}
{% macro parse_us_timestamp(column) %}
    {{- return(adapter.dispatch('parse_us_timestamp')(column)) -}}
{% endmacro %}
{% macro duckdb__parse_us_timestamp(column) -%}
    try_strptime(cast({{ column }} as varchar), '%m/%d/%Y %H:%M:%S')
{%- endmacro %}
{% macro bigquery__parse_us_timestamp(column) -%}
    safe.parse_timestamp('%m/%d/%Y %H:%M:%S', cast({{ column }} as string))
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
