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
    {%- set parts = [] -%}
    {%- if not env_var('CHAIN_DATA', '') -%}
        {%- do parts.append({
            'relation': ref('sample_labels'), 'columns': label_columns()
        }) -%}
    {%- endif -%}
    {%- if execute -%}
        {%- do parts.extend(label_files()) -%}
    {%- endif -%}
    {{ return(labels_as_table(parts)) }}
{% endmacro %}

{% macro bigquery__label_table() %}
    {%- set parts = [] -%}
    {%- set all_columns = label_columns() -%}
    {%- if setting('bigquery_chain_source') == 'sample' -%}
        {%- do parts.append(
            {'relation': ref('sample_labels'), 'columns': all_columns}
        ) -%}
    {%- endif -%}
    {%- set table = setting('label_table') -%}
    {%- if table and '.' in table -%}
        {%- do parts.append(
            {'relation': '`' ~ table ~ '`', 'columns': all_columns}
        ) -%}
    {%- elif table -%}
        {%- do parts.append(
            {'relation': ref(table), 'columns': all_columns}
        ) -%}
    {%- endif -%}
    {{ return(labels_as_table(parts)) }}
{% endmacro %}

{# LABEL_DATA as one CSV part, or nothing if it is not set. #}
{% macro label_files() %}
    {%- set pattern = env_var('LABEL_DATA', '') -%}
    {%- if not pattern -%}{{ return([]) }}{%- endif -%}
    {%- set files = glob_files(pattern) -%}
    {%- if not files -%}
        {%- do exceptions.raise_compiler_error(
            "LABEL_DATA: no file matches " ~ pattern
            ~ ". Set it to a CSV file or a glob of CSV files."
        ) -%}
    {%- endif -%}
    {%- set parts = csv_parts(files) -%}
    {%- for column in ['address', 'category', 'source', 'reported_at'] -%}
        {%- if column not in parts[0].columns -%}
            {%- do exceptions.raise_compiler_error(
                "LABEL_DATA: " ~ pattern ~ " has no column `" ~ column
                ~ "`. It has: " ~ parts[0].columns | join(', ')
                ~ ". Expected: " ~ label_columns() | join(', ')
                ~ " (the last four may be absent)."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts) }}
{% endmacro %}

{# The parts as one subquery of text columns, absent ones NULL. #}
{% macro labels_as_table(parts) %}
    {%- set text = dbt.type_string() -%}
    {%- set query -%}
(
    {%- for part in parts %}
    {{ 'union all' if not loop.first }}
    select
        {%- for column in label_columns() %}
        cast({{ column if column in part.columns else 'null' }} as {{ text }}) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ part.relation }}
    {%- else %}
    select
        {%- for column in label_columns() %}
        cast(null as {{ text }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as no_labels) as nothing
    where false
    {%- endfor %}
)
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}
