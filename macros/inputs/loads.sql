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
    {#- A table of an earlier version has no load_end, one of --empty no row. -#}
    {%- set states = run_query(
        "select *, cast(loaded_through as " ~ dbt.type_string()
        ~ ") as last_day from " ~ relation
    ).rows if relation else [] -%}
    {%- if states | length == 0 -%}
        {#- A load that was killed says which chain it read. -#}
        {%- set killed = built_relation('base_chain__load_bounds')
            if loads_incrementally() and not flags.FULL_REFRESH -%}
        {%- if killed -%}
            {%- do require_chain(run_query(
                "select chain_source from " ~ killed
            ).rows[0][0]) -%}
        {%- endif -%}
        {%- do forget_loads() -%}
        {{ return(bounds_from(history_start())) }}
    {%- endif -%}
    {%- set state = states[0] -%}
    {%- do require_chain(state.chain_source) -%}
    {%- if state.history_start > history_start() -%}
        {%- do exceptions.raise_compiler_error(
            "The tables hold " ~ state.chain_source ~ " from "
            ~ state.history_start ~ ", but this run would read it from "
            ~ history_start() ~ ". " ~ another_database() ~ ", or start over"
            ~ " with --full-refresh (trained models stay)."
        ) -%}
    {%- endif -%}
    {%- set start = history_start() -%}
    {%- if state.last_day -%}
        {%- set start = [start, look_back_from(state.last_day)] | max -%}
    {%- endif -%}
    {%- set bounds = bounds_from(start, state.get('load_end')) -%}
    {%- if state.last_day -%}
        {%- do compare_input_with_tables(bounds) -%}
    {%- endif -%}
    {%- set settled_before = (state.get('load_start') or '') | string -%}
    {%- if start[:10] < settled_before[:10] -%}
        {%- do forget_loads() -%}
    {%- endif -%}
    {{ return(bounds) }}
{% endmacro %}

{#
    Empties what is remembered of loads and of settled days, because this run reads
    such days again: it starts over, late_block_days was raised, or the files lost
    the last loaded days. If it is killed, its tables hold rows that nothing has
    counted, and the next run starts over.
#}
{% macro forget_loads() %}
    {%- for name in ['int_events__chain_state'] + ([
        'int_features__fold_state', 'int_scam_serving__alert_transactions'
    ] if loads_incrementally() else []) -%}
        {%- set relation = built_relation(name) -%}
        {%- if relation -%}
            {%- do run_query("delete from " ~ relation ~ " where true") -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{# UTC time from which a day is read again when it was the last one. #}
{% macro look_back_from(day) %}
    {%- set first_day = modules.datetime.datetime.fromisoformat(day | string)
        - modules.datetime.timedelta(days=setting('late_block_days')) -%}
    {{ return(first_day | string) }}
{% endmacro %}

{#
    Bounds from a UTC time on: days_per_load days, at most up to tomorrow. They
    count from the end of the load before, if that found nothing on its last
    days. Otherwise a longer gap than one load would be read for ever.
#}
{% macro bounds_from(start, end_before=none) %}
    {%- set days = modules.datetime.timedelta -%}
    {%- set today = modules.datetime.datetime.fromisoformat(
        run_started_at.strftime('%Y-%m-%d')
    ) -%}
    {%- set end = today + days(days=2) -%}
    {%- if loads_incrementally() and days_per_load() -%}
        {%- set counted_from
            = modules.datetime.datetime.fromisoformat(start[:10]) -%}
        {%- if end_before -%}
            {%- set last_day = modules.datetime.datetime.fromisoformat(
                (end_before | string)[:10]
            ) - days(days=1) -%}
            {%- set counted_from = [
                counted_from, last_day - days(days=setting('late_block_days'))
            ] | max -%}
        {%- endif -%}
        {%- set end = [end, counted_from + days(days=days_per_load())] | min -%}
    {%- endif -%}
    {{ return({'start': start, 'end': end | string}) }}
{% endmacro %}

{# Days an incremental load reads at most. None where nothing bounds them. #}
{% macro days_per_load() %}
    {{- return(
        setting('days_per_load')
        or adapter.dispatch('days_per_load_by_default')()
    ) -}}
{% endmacro %}

{# BigQuery lets a job write to 4,000 daily partitions. DuckDB has none. #}
{% macro duckdb__days_per_load_by_default() %}{{ return(none) }}{% endmacro %}
{% macro bigquery__days_per_load_by_default() %}{{ return(3000) }}{% endmacro %}

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
