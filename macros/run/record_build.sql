{#
    When a build ends: a row in build_runs for each model and seed it was asked
    for, whatever became of it. Renders nothing where that mart was never built.
#}
{% macro record_build() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        {%- set target_table = relation_named('build_runs') -%}
        {%- set stored = adapter.get_relation(
            target_table.database, target_table.schema, target_table.identifier
        ) if target_table -%}
        {%- set nodes = [] -%}
        {%- for result in results
            if result.node.resource_type in ('model', 'seed') -%}
            {%- do nodes.append(result) -%}
        {%- endfor -%}
        {%- if stored and nodes -%}
            {%- set row_counts = rows_by_table(nodes) %}
insert into {{ stored }} (
    invocation_id, node_name, node_type, status, seconds, row_count,
    bytes_processed, started_at
)
{% for result in nodes -%}
            {%- set rows = row_counts.get(
                result.node.schema ~ '.' ~ result.node.alias,
                result.adapter_response.get('rows_affected')
            ) if result.status | string == 'success' else none %}
select
    '{{ invocation_id }}' as invocation_id,
    '{{ result.node.name }}' as node_name,
    '{{ result.node.resource_type }}' as node_type,
    '{{ result.status }}' as status,
    cast({{ result.execution_time }} as {{ type_double() }}) as seconds,
    cast({{ 'null' if rows is none else rows }} as {{ dbt.type_bigint() }})
        as row_count,
    cast({{ result.adapter_response.get('bytes_processed') or 'null' }}
        as {{ dbt.type_bigint() }}) as bytes_processed,
    {{ timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) }}
        as started_at
{{ 'union all' if not loop.last }}
{% endfor -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Rows of tables by schema.table, of those that were made and of others. #}
{% macro rows_by_table(results) %}
    {{- return(adapter.dispatch('rows_by_table')(results)) -}}
{% endmacro %}

{# The catalogue tells them without reading. Where rows are deleted it counts
   those too, so a table that is added to is counted. #}
{% macro duckdb__rows_by_table(results) %}
    {%- set queries = [
        "select schema_name || '.' || table_name, estimated_size"
        ~ " from duckdb_tables() where database_name = current_database()"
    ] -%}
    {%- for result in results if result.status | string == 'success'
        and result.node.config.materialized in ('incremental', 'seed') -%}
        {%- set relation = relation_named(result.node.name) -%}
        {%- do queries.append(
            "select '" ~ relation.schema ~ "." ~ relation.identifier
            ~ "', count(*) from " ~ relation
        ) -%}
    {%- endfor -%}
    {%- set counts = {} -%}
    {%- for query in queries -%}
        {%- for row in run_query(query).rows -%}
            {%- do counts.update({row[0]: row[1]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(counts) }}
{% endmacro %}

{# dbt has them from the job that made the table. #}
{% macro bigquery__rows_by_table(results) %}{{ return({}) }}{% endmacro %}
