{#
    Entries of what is read: a file, a seed or a table each, as dictionaries with
    table_name, input_file (its number within the table), file_name, file_format,
    layout, columns_used, columns_ignored, columns_absent and rows_in_file.
#}

{# The entries of the chain tables. Files that are not read have no table. #}
{% macro chain_file_entries() %}
    {{- return(adapter.dispatch('chain_file_entries')()) -}}
{% endmacro %}

{% macro duckdb__chain_file_entries() %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- if not env_var('CHAIN_DATA', '') -%}
        {{ return(table_entries('seeds/sample/sample_{}.csv', 'seed')) }}
    {%- endif -%}
    {%- set plan = chain_input() -%}
    {%- set entries = plan.files -%}
    {%- for name in plan.not_read -%}
        {%- do entries.append({'file_name': name}) -%}
    {%- endfor -%}
    {{ return(entries) }}
{% endmacro %}

{% macro bigquery__chain_file_entries() %}
    {%- if setting('bigquery_chain_source') == 'sample' -%}
        {{ return(table_entries('seeds/sample/sample_{}.csv', 'seed')) }}
    {%- endif -%}
    {{ return(table_entries('bigquery-public-data.crypto_ethereum.{}', 'table')) }}
{% endmacro %}

{# An entry a chain table, for tables that have our columns by definition. #}
{% macro table_entries(name, table_format) %}
    {%- set entries = [] -%}
    {%- for table, definition in chain_tables().items() -%}
        {%- do entries.append({
            'table_name': table,
            'input_file': 0,
            'file_name': name.replace('{}', table),
            'file_format': table_format,
            'layout': 'crypto_ethereum',
            'columns_used': (
                definition.required + definition.get('optional', [])
            ) | join(', '),
        }) -%}
    {%- endfor -%}
    {{ return(entries) }}
{% endmacro %}

{# The entries of the labels. #}
{% macro label_file_entries() %}
    {{- return(adapter.dispatch('label_file_entries')()) -}}
{% endmacro %}

{% macro duckdb__label_file_entries() %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set entries = label_input().files -%}
    {%- if not env_var('CHAIN_DATA', '') -%}
        {%- do entries.append(
            label_table_entry('seeds/sample/sample_labels.csv', 'seed', entries | length)
        ) -%}
    {%- endif -%}
    {{ return(entries) }}
{% endmacro %}

{% macro bigquery__label_file_entries() %}
    {%- set entries = [] -%}
    {%- for source in label_sources() -%}
        {%- do entries.append(
            label_table_entry(source.name, source.format, source.input_file)
        ) -%}
    {%- endfor -%}
    {{ return(entries) }}
{% endmacro %}

{# The entry of a table of labels, which has all columns of the layout. #}
{% macro label_table_entry(name, table_format, input_file) %}
    {{ return({
        'table_name': 'labels',
        'input_file': input_file,
        'file_name': name,
        'file_format': table_format,
        'layout': 'label_data',
        'columns_used': label_columns() | join(', '),
    }) }}
{% endmacro %}

{# Number of a row among those with its key, from 1. 1 without a key. #}
{% macro copy_number(key) -%}
    {%- if key -%}
    row_number() over (
        partition by {{ key }}, rejection_reason is null
        order by input_file
    )
    {%- else -%}
    1
    {%- endif -%}
{%- endmacro %}

{# A number of rows, 0 where there are none. #}
{% macro as_count(rows) -%}
    cast(coalesce({{ rows }}, 0) as {{ dbt.type_bigint() }})
{%- endmacro %}

{# True for a time before the var history_start. An unknown time is not. #}
{% macro is_too_early(column) -%}
    coalesce({{ column }} < {{ timestamp_literal(history_start()) }}, false)
{%- endmacro %}

{# Query for entries as rows, see above. #}
{% macro input_entries(entries) %}
    {{ rows_as_query(entries, [
        'table_name', 'file_name', 'file_format', 'layout', 'columns_used',
        'columns_ignored', 'columns_absent',
    ], ['input_file', 'rows_in_file']) }}
{% endmacro %}

{# Query for dictionaries as rows: columns of text, then of integers. #}
{% macro rows_as_query(entries, texts, integers) %}
    {%- for entry in entries %}
    {{ 'union all' if not loop.first }}
    select
        {%- for column in texts %}
        cast({{ text_literal(entry.get(column)) }} as {{ dbt.type_string() }})
            as {{ column }},
        {%- endfor %}
        {%- for column in integers %}
        cast({{ entry[column] if entry.get(column) is not none else 'null' }} as {{ dbt.type_bigint() }})
            as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- else %}
    select
        {%- for column in texts %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        {%- for column in integers %}
        cast(null as {{ dbt.type_bigint() }}) as {{ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as nothing) as nothing
    where false
    {%- endfor %}
{% endmacro %}
