{# Reasons a base model gives for turning a row down; NULL is accepted. #}

{# True unless it is 0x and this many hexadecimal digits; NULL is malformed. #}
{% macro is_malformed_hex(column, digits) -%}
    not coalesce({{ is_hex(column, digits) }}, false)
{%- endmacro %}

{#
    An amount must be an integral number between 0 and 200 million ether in
    wei; about 120 million ether exist.
#}
{% macro is_possible_wei(column) -%}
    {{ column }} between 0 and cast(
        '200000000000000000000000000' as {{ type_wei() }}
    )
{%- endmacro %}

{# Why an amount, parsed and as text, is turned down; NULL if it is not. #}
{% macro wei_rejection(column, text_column) -%}
    case
        when {{ is_possible_wei(column) }}
            then cast(null as {{ dbt.type_string() }})
        when starts_with({{ text_column }}, '-') then 'negative value'
        when {{ is_integral_number(text_column) }}
            then 'value above any possible supply'
        else 'unparsable value'
    end
{%- endmacro %}

{# A time must lie between the first block and a day from now. #}
{% macro is_possible_time(column) -%}
    {{ column }} between {{ timestamp_literal('2015-07-30 00:00:00') }}
    and {{ later_by(now_utc(), 1, 'day') }}
{%- endmacro %}

{# Why a time is turned down; NULL if it is not. #}
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

{# "from_address=0x12, value=-5": the columns of a row as one text. #}
{% macro named_values(columns) -%}
    concat(
        {%- for column in columns %}
        '{{ ", " if not loop.first }}{{ column }}=', coalesce({{ column }}, '')
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#
    Post-hook of a rejects model: stops the build, after the rejects are
    stored, if more than max_rejected_share of what this run loaded of a table
    was turned down. The marts depend on that model, so they are not built.
#}
{% macro stop_on_too_many_rejects(kind) %}
    {%- if execute -%}
        {%- set problems = [] -%}
        {%- for table in rejected_rows() -%}
            {%- set counts = judged_rows(kind, table.name) -%}
            {%- set message = counts.rejected ~ " of " ~ counts.total
                ~ " rows of " ~ table.name ~ " rejected: "
                ~ table.reasons | join('; ') ~ "." -%}
            {%- if counts.rejected > var('max_rejected_share') * counts.total -%}
                {%- do problems.append(message) -%}
            {%- elif counts.rejected > 0 -%}
                {%- do log(message ~ " See " ~ this.identifier ~ ".", info=true) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if problems -%}
            {%- do exceptions.raise_compiler_error(
                "Too many bad rows. " ~ problems | join(' ')
                ~ " All of them are in " ~ this ~ ". Repair the export, or"
                ~ " raise the var max_rejected_share (now "
                ~ var('max_rejected_share') ~ ")."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# The tables with rejects, each with its reasons in words. #}
{% macro rejected_rows() %}
    {%- set rows = run_query(
        "select table_name, rejection_reason, sum(number_of_rows),"
        ~ " min(row_values) from " ~ this
        ~ " group by table_name, rejection_reason"
        ~ " order by table_name, rejection_reason"
    ).rows -%}
    {%- set tables = {} -%}
    {%- for name, reason, rejected, example in rows -%}
        {%- do tables.setdefault(name, {'name': name, 'reasons': []}).reasons.append(
            rejected | int ~ " " ~ reason ~ " (for example " ~ example ~ ")"
        ) -%}
    {%- endfor -%}
    {{ return(tables.values() | list) }}
{% endmacro %}

{# Rows of a table that this run loaded: all, and those rejected. #}
{% macro judged_rows(kind, table) %}
    {%- if kind == 'labels' -%}
        {%- set relation, copies, condition = ref('base_labels__' ~ table), '1', 'true' -%}
    {%- elif table in tables_by_day() -%}
        {%- set relation, copies, condition =
            ref('stg_chain__' ~ table), 'copies', is_day_of_this_load() -%}
    {%- else -%}
        {%- set relation, copies, condition =
            ref('base_chain__' ~ table), '1', 'true' -%}
    {%- endif -%}
    {%- set row = run_query(
        "select sum(" ~ copies ~ "),"
        ~ " sum(case when rejection_reason is not null then " ~ copies ~ " end)"
        ~ " from " ~ relation ~ " where " ~ condition
    ).rows[0] -%}
    {{ return({'total': row[0] | int, 'rejected': row[1] | int}) }}
{% endmacro %}
