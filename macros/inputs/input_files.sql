{#
    The user's files on DuckDB. commands/check looks at them, in Python, and
    gives for each table a relation that reads them and for each file an entry.
#}

{# The plan for CHAIN_DATA: relations by table, files, names not read. #}
{% macro chain_input() %}
    {{ return(input_plan('chain_input', [
        env_var('CHAIN_DATA'), tojson(file_tables()), env_var('CHAIN_COLUMNS', '')
    ])) }}
{% endmacro %}

{# The plan for LABEL_DATA. Without it there are no files. #}
{% macro label_input() %}
    {%- set pattern = env_var('LABEL_DATA', '') -%}
    {%- if not pattern -%}{{ return({'relations': {}, 'files': []}) }}{%- endif -%}
    {{ return(input_plan('label_input', [pattern])) }}
{% endmacro %}

{# What the reader says. Stops with its message if a file cannot be read. #}
{% macro input_plan(function, arguments) %}
    {%- set loaded = (target.plugins or []) | map(attribute='module') -%}
    {%- if 'commands.check.plugin' not in loaded | list -%}
        {%- do exceptions.raise_compiler_error(
            "Your profiles.yml does not load the reader of files. Copy the entries"
            ~ " `module_paths` and `plugins` of the output duckdb from"
            ~ " profiles.yml.example."
        ) -%}
    {%- endif -%}
    {%- set texts = [] -%}
    {%- for argument in arguments -%}
        {%- do texts.append(text_literal(argument) | trim) -%}
    {%- endfor -%}
    {%- set plan = fromjson(run_query(
        "select " ~ function ~ "(" ~ texts | join(', ') ~ ")"
    ).rows[0][0]) -%}
    {%- if plan.error -%}{%- do exceptions.raise_compiler_error(plan.error) -%}{%- endif -%}
    {{ return(plan) }}
{% endmacro %}

{# No rows with these columns, as a subquery. #}
{% macro no_rows(columns) %}
    {%- set query -%}
(
    select
        {%- for column in columns %}
        cast(null as {{ dbt.type_string() }}) as {{ adapter.quote(column) }},
        {%- endfor %}
        cast(null as {{ dbt.type_int() }}) as input_file
    from (select 1 as nothing) as nothing
    where false
)
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}
