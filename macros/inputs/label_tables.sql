{# The columns of the LABEL_DATA layout. The last four may be absent. #}
{% macro label_columns() %}
    {{ return([
        'address', 'category', 'source', 'reported_at', 'url', 'confidence',
        'usage', 'valid_to',
    ]) }}
{% endmacro %}

{#
    The reported labels as a subquery of text columns: on DuckDB the simulated
    seed (only with the sample chain) and LABEL_DATA, on BigQuery label_table.
#}
{% macro label_table() %}
    {{- return(adapter.dispatch('label_table')()) -}}
{% endmacro %}

{% macro duckdb__label_table() %}
    {%- set plan = label_input() if execute else {'relations': {}, 'files': []} -%}
    {%- set parts = plan.relations.values() | list -%}
    {%- if not env_var('CHAIN_DATA', '') -%}
        {%- do parts.append(
            labels_of(ref('sample_labels'), plan.files | length)
        ) -%}
    {%- endif -%}
    {{ return(union_of_labels(parts)) }}
{% endmacro %}

{% macro bigquery__label_table() %}
    {%- set parts = [] -%}
    {%- for entry in label_sources() -%}
        {%- do parts.append(labels_of(entry.relation, entry.input_file)) -%}
    {%- endfor -%}
    {{ return(union_of_labels(parts)) }}
{% endmacro %}

{# The tables with labels on BigQuery, and their names for people. #}
{% macro label_sources() %}
    {%- set sources = [] -%}
    {%- if setting('bigquery_chain_source') == 'sample' -%}
        {%- do sources.append({
            'relation': ref('sample_labels'), 'format': 'seed',
            'name': 'seeds/sample/sample_labels.csv'
        }) -%}
    {%- endif -%}
    {%- set table = setting('label_table') -%}
    {%- if table and '.' in table -%}
        {%- do sources.append({
            'relation': '`' ~ table ~ '`', 'format': 'table', 'name': table
        }) -%}
    {%- elif table -%}
        {%- do sources.append({
            'relation': ref(table), 'format': 'seed', 'name': table
        }) -%}
    {%- endif -%}
    {%- for entry in sources -%}
        {%- do entry.update(input_file=loop.index0) -%}
    {%- endfor -%}
    {{ return(sources) }}
{% endmacro %}

{# A table with all columns of the layout, as text. #}
{% macro labels_of(table, input_file) %}
    {%- set query -%}
    select
        {%- for column in label_columns() %}
        cast({{ column }} as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        {{ input_file }} as input_file
    from {{ table }}
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}

{# Queries for labels as one subquery. #}
{% macro union_of_labels(parts) %}
    {{ return(
        '(\n' ~ parts | join('\n    union all\n') ~ '\n)'
        if parts else no_rows(label_columns())
    ) }}
{% endmacro %}
