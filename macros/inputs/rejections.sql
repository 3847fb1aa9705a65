{# Reasons for which a base model rejects a row. NULL is accepted. #}

{#
    The largest numbers that are believed. About 120 million ether exist. No block
    may use more than 300 million gas. Prices, indexes and block numbers only have
    to leave room for sums. The look-up's given.py has them too.
#}
{% macro largest(quantity) %}
    {{ return({
        'flag': 1,
        'wei': 200000000000000000000000000,
        'gas': 1000000000000,
        'gas_price': 1000000000000000000,
        'index': 1000000000,
        'block_number': 1000000000000,
    }[quantity]) }}
{% endmacro %}

{# True unless it is 0x and this many hexadecimal digits. NULL is malformed. #}
{% macro is_malformed_hex(column, digits) -%}
    not coalesce({{ is_hex(column, digits) }}, false)
{%- endmacro %}

{# An amount must be an integral number between 0 and 200 million ether in wei. #}
{% macro is_possible_wei(column) -%}
    {{ column }} between 0 and cast(
        '{{ largest('wei') }}' as {{ type_wei() }}
    )
{%- endmacro %}

{# Why an amount, parsed and as text, is rejected. NULL if it is not. #}
{% macro wei_rejection(column, text_column) -%}
    case
        when {{ is_possible_wei(column) }}
            then cast(null as {{ dbt.type_string() }})
        when starts_with({{ text_column }}, '-') then 'negative value'
        when {{ is_integral_number(text_column) }}
            then 'value above any possible supply'
        when {{ matches(text_column, '[0-9]+[.][0-9]+') }}
            then 'value with decimals, which looks like ether: it must be in wei'
        else 'unparsable value'
    end
{%- endmacro %}

{#
    Why a number is rejected: it is there and cannot be read, is negative or
    larger than any can be. NULL if it is not. An absent number is accepted.
#}
{% macro number_rejection(column, parsed_column, name, largest) -%}
    case
        when {{ parsed_column }} between 0 and {{ largest }}
            then cast(null as {{ dbt.type_string() }})
        when {{ is_unreadable(column, parsed_column) }} then 'unparsable {{ name }}'
        when {{ parsed_column }} < 0 then 'negative {{ name }}'
        when {{ parsed_column }} > {{ largest }} then 'impossible {{ name }}'
    end
{%- endmacro %}

{#
    True for nearly every number that number_rejection() accepts, and for no
    other: a spelling of NULL is left to it.
#}
{% macro is_possible_number(column, parsed_column, largest) -%}
    ({{ parsed_column }} between 0 and {{ largest }} or {{ column }} is null)
{%- endmacro %}

{# A time must lie between the first block and a day from now. #}
{% macro is_possible_time(column) -%}
    {{ column }} between {{ timestamp_literal('2015-07-30 00:00:00') }}
    and {{ later_by(now_utc(), 1, 'day') }}
{%- endmacro %}

{# Why a time is rejected. NULL if it is not. #}
{% macro timestamp_rejection(column) -%}
    case
        when {{ column }} is null then 'unparsable timestamp'
        when {{ column }} < {{ timestamp_literal('2015-07-30 00:00:00') }}
            then 'timestamp before the first block'
        when not {{ is_possible_time(column) }} then 'future timestamp'
    end
{%- endmacro %}

{# "Fake ICO", "phish-hack" and "PHISHING" as fake_ico, phish_hack, phishing. #}
{% macro label_category(column) -%}
    regexp_replace({{ clean_text('trim(' ~ column ~ ')') }}, '[ -]+', '_'
        {{- label_category_flags() }})
{%- endmacro %}
{# DuckDB replaces the first match unless told otherwise. #}
{% macro label_category_flags() %}
    {{- return(adapter.dispatch('label_category_flags')()) -}}
{% endmacro %}
{% macro duckdb__label_category_flags() %}, 'g'{% endmacro %}
{% macro bigquery__label_category_flags() %}{% endmacro %}

{# A UTC timestamp constant. #}
{% macro timestamp_literal(text) -%}
    cast('{{ text }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}

{# "from_address=0x12, value=-5": the columns of a row as one text. A column
   named value_value holds the value as delivered. #}
{% macro named_values(columns) -%}
    concat(
        {%- for column in columns %}
        '{{ ", " if not loop.first }}{{ column | replace('_value', '') }}=',
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#
    Post-hook of an intake model: stops the build if more than max_rejected_share
    of what this run loaded of a table was rejected. What is built from the rows
    depends on the intake model. The mart of the rejects does not, so it shows
    them all the same.
#}
{% macro stop_on_too_many_rejects(rejects, mart_name) %}
    {%- if execute -%}
        {%- set problems = [] -%}
        {%- for table in intake_with_rejects(rejects) -%}
            {%- set message = table.rejected ~ " of " ~ table.loaded
                ~ " rows of " ~ table.name ~ " rejected: "
                ~ table.reasons | join('; ') ~ "." -%}
            {%- if table.rejected > setting('max_rejected_share') * table.loaded -%}
                {%- do problems.append(message) -%}
            {%- else -%}
                {%- do log(message ~ " See " ~ mart_name ~ ".", info=true) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if problems -%}
            {%- do exceptions.raise_compiler_error(
                "Too many bad rows. " ~ problems | join(' ')
                ~ " All of them are in " ~ mart_name ~ ". Repair the export, or"
                ~ " raise the var max_rejected_share (now "
                ~ setting('max_rejected_share') ~ ")."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#
    The tables of which this run rejected rows: name, rows loaded and rejected,
    and the reasons in words, with an example each. Rejects of earlier loads are
    among the reasons, not among the numbers.
#}
{% macro intake_with_rejects(rejects) %}
    {%- set rows = run_query(
        "select intake.table_name, intake.loaded_rows, intake.rejected_rows,"
        ~ " rejects.rejection_reason, sum(rejects.number_of_rows),"
        ~ " min(rejects.row_values)"
        ~ " from (select table_name, sum(loaded_rows) as loaded_rows,"
        ~ " sum(rejected_rows) as rejected_rows from " ~ this
        ~ " group by table_name) as intake inner join " ~ rejects ~ " as rejects"
        ~ " on intake.table_name = rejects.table_name"
        ~ " where intake.rejected_rows > 0 group by 1, 2, 3, 4 order by 1, 4"
    ).rows -%}
    {%- set tables = {} -%}
    {%- for name, loaded, rejected, reason, number, example in rows -%}
        {%- do tables.setdefault(name, {
            'name': name, 'loaded': loaded | int, 'rejected': rejected | int,
            'reasons': [],
        }).reasons.append(
            number | int ~ " " ~ reason ~ " (for example " ~ example ~ ")"
        ) -%}
    {%- endfor -%}
    {{ return(tables.values() | list) }}
{% endmacro %}
