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
    and {{ dbt.dateadd('day', 1, now_utc()) }}
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
    stored, if more than max_rejected_share of a table was turned down. The
    marts depend on that model, so they are not built.
    `prefix` and the table's name make the model that judges its rows.
#}
{% macro stop_on_too_many_rejects(prefix) %}
    {%- if execute -%}
        {%- set rejects = run_query(
            "select table_name, rejection_reason, sum(number_of_rows),"
            ~ " min(row_values) from " ~ this
            ~ " group by table_name, rejection_reason"
            ~ " order by table_name, rejection_reason"
        ) -%}
        {%- set counts = {} -%}
        {%- for row in rejects.rows -%}
            {%- do counts.setdefault(row[0], []).append(row) -%}
        {%- endfor -%}
        {%- set problems = [] -%}
        {%- for table, reasons in counts.items() -%}
            {%- set rejected = reasons | map(attribute=2) | sum | int -%}
            {%- set total = run_query(
                "select count(*) from " ~ ref(prefix ~ table)
            ).rows[0][0] | int -%}
            {%- set summary = [] -%}
            {%- for row in reasons -%}
                {%- do summary.append(
                    row[2] | int ~ " " ~ row[1] ~ " (for example " ~ row[3] ~ ")"
                ) -%}
            {%- endfor -%}
            {%- set message = rejected ~ " of " ~ total ~ " rows of " ~ table
                ~ " rejected: " ~ summary | join('; ') ~ "." -%}
            {%- if rejected > var('max_rejected_share') * total -%}
                {%- do problems.append(message) -%}
            {%- else -%}
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
