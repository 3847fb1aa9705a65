{# Says once, before anything runs, which chain data and labels are read. #}
{% macro describe_inputs() %}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do adapter.dispatch('describe_inputs')() -%}
    {%- endif -%}
{% endmacro %}

{% macro duckdb__describe_inputs() %}
    {%- set directory = env_var('CHAIN_DATA', '') -%}
    {%- set labels = [] -%}
    {%- if not directory -%}
        {%- do log("Chain data: the simulated sample in seeds/sample.", info=true) -%}
        {%- do labels.append('the simulated sample') -%}
    {%- else -%}
        {%- set plan = chain_input() -%}
        {%- do log("Chain data: " ~ directory ~ ".", info=true) -%}
        {%- set absent = file_tables().keys() | reject('in', plan.relations) | list -%}
        {%- for name in plan.relations -%}
            {%- do describe_files(name, plan.files) -%}
        {%- endfor -%}
        {%- do log(
            ("  Missing, taken as empty: " ~ absent | reject('eq', 'receipts') | join(', ') ~ ".")
            if absent | reject('eq', 'receipts') | list else "  No table is missing.",
            info=true
        ) -%}
        {%- if plan.not_read -%}
            {%- do log("  Not read: " ~ plan.not_read | join(', ') ~ ".", info=true) -%}
        {%- endif -%}
        {%- for warning in plan.warnings -%}{%- do exceptions.warn(warning) -%}{%- endfor -%}
    {%- endif -%}
    {%- set label_plan = label_input() -%}
    {%- for file in label_plan.files -%}
        {%- do labels.append(file.file_name) -%}
    {%- endfor -%}
    {%- for warning in label_plan.warnings -%}{%- do exceptions.warn(warning) -%}{%- endfor -%}
    {%- do log(
        "Labels: " ~ (labels | join(' and ') or 'none but those in labeled transactions') ~ ".",
        info=true
    ) -%}
{% endmacro %}

{# One line a table: files, formats, layouts, and what is not used of them. #}
{% macro describe_files(table, files) %}
    {%- set own = files | selectattr('table_name', 'eq', table) | list -%}
    {%- set ignored = own | map(attribute='columns_ignored') | select | unique | join(', ') -%}
    {%- set absent = own | map(attribute='columns_absent') | select | unique | join(', ') -%}
    {%- do log(
        "  " ~ table ~ ": " ~ own | length ~ (" files" if own | length > 1 else " file")
        ~ ", " ~ own | map(attribute='file_format') | unique | join(', ')
        ~ ", layout " ~ own | map(attribute='layout') | unique | join(', ') ~ "."
        ~ (" Columns ignored: " ~ ignored ~ "." if ignored else "")
        ~ (" Columns absent: " ~ absent ~ "." if absent else ""),
        info=true
    ) -%}
{% endmacro %}

{% macro bigquery__describe_inputs() %}
    {%- do log(
        "Chain data: " ~ (
            "bigquery-public-data.crypto_ethereum"
            if setting('bigquery_chain_source') == 'public'
            else "the simulated sample in seeds/sample"
        ) ~ ". Labels: " ~ (setting('label_table') or 'none set in label_table') ~ ".",
        info=true
    ) -%}
{% endmacro %}
