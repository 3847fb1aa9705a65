{#
    Loads. On BigQuery a run reads only new days of the public tables and a few
    days before them, for late blocks, and adds them to what it has. On DuckDB
    files are read whole in every run, unless incremental_loads says otherwise.
#}

{# Whether tables grow by days, or are rebuilt in every run. #}
{% macro loads_incrementally() %}
    {%- set wanted = setting('incremental_loads') -%}
    {%- if wanted is none -%}
        {{ return(adapter.dispatch('loads_incrementally_by_default')()) }}
    {%- endif -%}
    {{ return(wanted) }}
{% endmacro %}

{# Files are read whole anyway. The public tables are billed by the byte. #}
{% macro duckdb__loads_incrementally_by_default() %}{{ return(false) }}{% endmacro %}
{% macro bigquery__loads_incrementally_by_default() %}{{ return(true) }}{% endmacro %}

{# The chain tables that are loaded by day. The others are as of now. #}
{% macro tables_by_day() %}
    {{ return(['transactions', 'token_transfers', 'contracts', 'blocks']) }}
{% endmacro %}

{# Configuration of a table that holds block_date and grows by days. #}
{% macro table_by_day(cluster_by=none, look_backs=0) %}
    {%- set settings = layout(
        partition_by={'field': 'block_date', 'data_type': 'date'},
        cluster_by=cluster_by
    ) -%}
    {%- do settings.update(
        materialized='incremental' if loads_incrementally() else 'table',
        pre_hook='{{ forget_days_of_this_load(' ~ look_backs ~ ') }}'
    ) -%}
    {{ return(settings) }}
{% endmacro %}

{#
    Deletes the days this run loads again, so that a day that was sent twice, or
    whose load was killed, counts once. Whole partitions: free on BigQuery.
#}
{% macro forget_days_of_this_load(look_backs=0) %}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ is_day_of_this_load(look_backs) }}
    {%- endif -%}
{% endmacro %}

{#
    True for the days this run loads and so many look-backs of late_block_days
    before them. In a full load for every day.
#}
{% macro is_day_of_this_load(look_backs=0) -%}
    {%- if not loads_incrementally() -%}
    true
    {%- else -%}
    {%- set first_day = modules.datetime.datetime.fromisoformat(load_bounds().start[:10])
        - modules.datetime.timedelta(days=look_backs * setting('late_block_days')) -%}
    (
        block_date >= cast('{{ first_day.strftime('%Y-%m-%d') }}' as date)
        or block_date = {{ unknown_day() }}
    )
    {%- endif -%}
{%- endmacro %}

{# Where rows without a possible time are kept. Every load reads them again. #}
{% macro unknown_day() -%}
    cast('1970-01-01' as date)
{%- endmacro %}

{# The UTC day of a row, by which it is loaded. #}
{% macro block_date(column) -%}
    case
        when {{ is_possible_time(column) }} then cast({{ column }} as date)
        else {{ unknown_day() }}
    end
{%- endmacro %}

{# True for a row this run reads. Every load rejects bad times again. #}
{% macro is_row_of_this_load(column) -%}
    {%- if not loads_incrementally() -%}
    true
    {%- else -%}
    {%- set bounds = load_bounds() -%}
    (
        not coalesce({{ is_possible_time(column) }}, false)
        or (
            {{ column }} >= {{ timestamp_literal(bounds.start) }}
            and {{ column }} < {{ timestamp_literal(bounds.end) }}
        )
    )
    {%- endif -%}
{%- endmacro %}

{#
    Texts of the UTC times this run reads from (included) and to (excluded), the
    same for every model of the run. Commands that build nothing show the bounds
    of a first load.
#}
{% macro load_bounds() %}
    {%- set relation = built_relation('base_chain__load_bounds')
        if loads_incrementally() -%}
    {%- if not relation -%}
        {{ return(bounds_from(history_start())) }}
    {%- endif -%}
    {%- set row = run_query(
        "select " ~ timestamp_text('load_start') ~ ", "
        ~ timestamp_text('load_end') ~ " from " ~ relation
    ).rows[0] -%}
    {{ return({'start': row[0], 'end': row[1]}) }}
{% endmacro %}

{#
    What the next run has to read: what it has not, and late_block_days before.
    Stops where the tables hold another chain than the one to be read.
#}
{% macro next_load_bounds() %}
    {%- set relation = built_relation('int_events__chain_state')
        if loads_incrementally() and not flags.FULL_REFRESH -%}
    {%- if not relation -%}
        {{ return(bounds_from(history_start())) }}
    {%- endif -%}
    {%- set state = run_query(
        "select chain_source, history_start, cast(loaded_through as "
        ~ dbt.type_string() ~ ") from " ~ relation
    ).rows[0] -%}
    {%- do require_chain(state[0]) -%}
    {%- if state[1] > history_start() -%}
        {%- do exceptions.raise_compiler_error(
            "The tables hold " ~ state[0] ~ " from " ~ state[1]
            ~ ", but this run would read it from " ~ history_start() ~ ". "
            ~ another_database() ~ ", or start over"
            ~ " with --full-refresh (trained models stay)."
        ) -%}
    {%- endif -%}
    {%- if not state[2] -%}
        {{ return(bounds_from(history_start())) }}
    {%- endif -%}
    {%- set day = modules.datetime.datetime.fromisoformat(state[2])
        - modules.datetime.timedelta(days=setting('late_block_days')) -%}
    {{ return(bounds_from([history_start(), day | string] | max)) }}
{% endmacro %}

{# Bounds from a UTC time on: days_per_load days, at most up to tomorrow. #}
{% macro bounds_from(start) %}
    {%- set days = modules.datetime.timedelta -%}
    {%- set today = modules.datetime.datetime.fromisoformat(
        run_started_at.strftime('%Y-%m-%d')
    ) -%}
    {%- set end = today + days(days=2) -%}
    {%- if loads_incrementally() -%}
        {%- set first_day = modules.datetime.datetime.fromisoformat(start[:10]) -%}
        {%- set end = [end, first_day + days(days=setting('days_per_load'))] | min -%}
    {%- endif -%}
    {{ return({'start': start, 'end': end | string}) }}
{% endmacro %}

{#
    UTC time before which nothing is read, YYYY-MM-DD HH:MM:SS. A target whose
    name ends in _dev reads the last development_days only.
#}
{% macro history_start() %}
    {%- set start = modules.datetime.datetime.fromisoformat(
        setting('history_start') | string
    ) -%}
    {%- if target.name.endswith('_dev') -%}
        {%- set earliest = modules.datetime.datetime.fromisoformat(
            run_started_at.strftime('%Y-%m-%d')
        ) - modules.datetime.timedelta(days=setting('development_days')) -%}
        {%- set start = [start, earliest] | max -%}
    {%- endif -%}
    {{ return(start.strftime('%Y-%m-%d %H:%M:%S')) }}
{% endmacro %}

{# The relation of a model if a build could already have made it, outside the
   lineage. None while dbt only parses, compiles or lists, and in a unit test,
   which has no other models. #}
{% macro built_relation(name) %}
    {%- if not execute or flags.WHICH not in ('build', 'run')
        or graph.nodes is not defined -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set relation = mart(name) -%}
    {{ return(adapter.get_relation(
        relation.database, relation.schema, relation.identifier
    )) }}
{% endmacro %}

{# Which chain the tables hold, in words. #}
{% macro chain_name() %}
    {{- return(adapter.dispatch('chain_name')()) -}}
{% endmacro %}

{% macro duckdb__chain_name() %}
    {{ return('files of CHAIN_DATA' if env_var('CHAIN_DATA', '')
        else 'the simulated sample') }}
{% endmacro %}

{% macro bigquery__chain_name() %}
    {{ return('bigquery-public-data.crypto_ethereum'
        if setting('bigquery_chain_source') == 'public'
        else 'the simulated sample') }}
{% endmacro %}
