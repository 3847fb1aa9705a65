{#
    Reading the user's files on DuckDB. A "part" is a group of files with the
    same layout: {'relation': SQL, 'columns': [names], 'files': [paths]}.
#}

{# The parts of a chain table under CHAIN_DATA. None if the table is missing. #}
{% macro chain_files(name) %}
    {%- set directory = env_var('CHAIN_DATA').rstrip('/') -%}
    {%- set parts = [] -%}
    {%- for suffixes, reader in [
        (['parquet'], parquet_parts),
        (['csv', 'csv.gz'], csv_parts),
        (['json', 'json.gz'], json_parts),
    ] -%}
        {%- set files = [] -%}
        {%- for suffix in suffixes -%}
            {%- do files.extend(glob_files(directory ~ '/' ~ name ~ '.' ~ suffix)) -%}
            {%- do files.extend(glob_files(directory ~ '/' ~ name ~ '/*.' ~ suffix)) -%}
        {%- endfor -%}
        {%- if files -%}
            {%- do parts.extend(reader(files)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do require_columns(name, parts) -%}
    {{ return(parts) }}
{% endmacro %}

{# Stops with the file and the column where a required one is absent. #}
{% macro require_columns(name, parts) %}
    {%- for part in parts -%}
        {%- for column in chain_tables()[name].required -%}
            {%- if column not in part.columns -%}
                {%- do exceptions.raise_compiler_error(
                    "CHAIN_DATA: " ~ part.files[0] ~ " has no column `" ~ column
                    ~ "`, which the table " ~ name ~ " needs. It has: "
                    ~ part.columns | join(', ')
                    ~ ". Rename or add the column in the export."
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}

{# Files that match a glob, sorted. None is not an error. #}
{% macro glob_files(pattern) %}
    {%- set result = run_query(
        "select file from glob(" ~ quoted(pattern) ~ ") order by file"
    ) -%}
    {{ return(result.columns[0].values() | list) }}
{% endmacro %}

{# Parquet files may differ in types, so they are grouped by schema. #}
{% macro parquet_parts(files) %}
    {%- set schemas = run_query(
        "select file_name, string_agg(concat_ws(' ', name, type, converted_type, logical_type), ',')"
        ~ " from parquet_schema(" ~ file_list(files) ~ ")"
        ~ " where coalesce(num_children, 0) = 0 group by 1 order by 1"
    ) -%}
    {%- set groups = {} -%}
    {%- for row in schemas.rows -%}
        {%- do groups.setdefault(row[1], []).append(row[0]) -%}
    {%- endfor -%}
    {%- set parts = [] -%}
    {%- for alike in groups.values() -%}
        {%- set relation = 'read_parquet(' ~ file_list(alike) ~ ')' -%}
        {%- do parts.append({
            'relation': relation,
            'columns': described_columns(relation),
            'files': alike,
        }) -%}
    {%- endfor -%}
    {{ return(parts) }}
{% endmacro %}

{# CSV is read as text, so that no number is rounded on the way in. #}
{% macro csv_parts(files) %}
    {%- set relation -%}
        read_csv({{ file_list(files) }}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"', union_by_name = true)
    {%- endset -%}
    {{ return([{
        'relation': relation,
        'columns': described_columns(relation),
        'files': files,
    }]) }}
{% endmacro %}

{# JSON lines, read as text: a uint256 is wider than any number type. #}
{% macro json_parts(files) %}
    {%- set columns = described_columns(
        "read_json(" ~ file_list(files) ~ ", format = 'newline_delimited')"
    ) -%}
    {%- set text_columns = [] -%}
    {%- for column in columns -%}
        {%- do text_columns.append(quoted(column) ~ ": 'VARCHAR'") -%}
    {%- endfor -%}
    {%- set relation -%}
        read_json({{ file_list(files) }}, format = 'newline_delimited', columns = { {{- text_columns | join(', ') -}} })
    {%- endset -%}
    {{ return([{'relation': relation, 'columns': columns, 'files': files}]) }}
{% endmacro %}

{# Column names of a table function's result. #}
{% macro described_columns(relation) %}
    {%- set result = run_query("describe select * from " ~ relation) -%}
    {{ return(result.columns[0].values() | list) }}
{% endmacro %}

{# Paths as a SQL list of texts. #}
{% macro file_list(files) %}
    {%- set names = [] -%}
    {%- for file in files -%}{%- do names.append(quoted(file)) -%}{%- endfor -%}
    {{ return('[' ~ names | join(', ') ~ ']') }}
{% endmacro %}

{# A text as a SQL literal. #}
{% macro quoted(text) %}{{ return("'" ~ text.replace("'", "''") ~ "'") }}{% endmacro %}

{#
    The parts as one subquery with exactly these columns, absent ones NULL.
    Parts whose types differ meet as text.
#}
{% macro files_as_table(parts, columns) %}
    {%- set query -%}
(
    {%- for part in parts %}
    {{ 'union all' if not loop.first }}
    select
        {%- for column in columns %}
        {%- if column not in part.columns %}
        cast(null as varchar) as "{{ column }}"
        {%- elif parts | length > 1 %}
        cast("{{ column }}" as varchar) as "{{ column }}"
        {%- else %}
        "{{ column }}"
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ part.relation }}
    {%- else %}
    select
        {%- for column in columns %}
        cast(null as varchar) as "{{ column }}"{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endfor %}
)
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}
