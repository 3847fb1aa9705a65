{#
    Stops a run that would read another chain than the tables hold: models that
    were trained on the simulated sample must not score real addresses. Where
    tables grow by days, next_load_bounds() asks the same of each load.
#}
{% macro require_same_chain() %}
    {%- if execute and flags.WHICH in ('build', 'run') and reads_the_chain()
        and (flags.FULL_REFRESH or not loads_incrementally()) -%}
        {%- for name in [
            'base_chain__load_bounds', 'int_events__chain_state'
        ] -%}
            {%- set relation = built_relation(name) -%}
            {%- set rows = run_query("select * from " ~ relation).rows
                if relation else [] -%}
            {#- A table of an earlier version has no such column. -#}
            {%- if rows | length and rows[0].get('chain_source') -%}
                {%- do require_chain(rows[0].chain_source) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{# Whether this run makes a model that reads chain tables. #}
{% macro reads_the_chain() %}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model'
        and node.fqn[1:3] == ['staging', 'chain']
        and node.unique_id in selected_resources -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{#
    Stops unless the chain that the tables hold is the one to be read. With
    --full-refresh it need not be, if that leaves nothing of the other chain.
#}
{% macro require_chain(held) %}
    {%- if held != chain_name() -%}
        {%- set is_kept = holds_what_a_full_refresh_keeps() -%}
        {%- if is_kept or not flags.FULL_REFRESH -%}
            {%- do exceptions.raise_compiler_error(
                "The tables hold " ~ held ~ ", but this run would read "
                ~ chain_name() ~ ". " ~ another_database() ~ (
                    ". --full-refresh does not help: trained models and history"
                    ~ " would stay"
                    if is_kept else ", or start over with --full-refresh"
                ) ~ "."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Whether rows of trained models or of history stay through --full-refresh. #}
{% macro holds_what_a_full_refresh_keeps() %}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.full_refresh is false
        and node.name != 'build_runs' -%}
        {%- set relation = built_relation(node.name) -%}
        {%- if relation and run_query(
            "select count(*) from " ~ relation
        ).rows[0][0] -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{# Where else a run can write, in words. #}
{% macro another_database() %}
    {{- return(adapter.dispatch('another_database')()) -}}
{% endmacro %}
{% macro duckdb__another_database() %}
    {{ return("Set DUCKDB_PATH to another file") }}
{% endmacro %}
{% macro bigquery__another_database() %}
    {{ return("Set BIGQUERY_DATASET to another dataset") }}
{% endmacro %}
