{#
    Stops where DuckDB's file is named like one of the schemas: of marts.duckdb
    nobody could read marts.addresses, which would have two meanings.
#}
{% macro require_database_name() %}
    {%- if execute and target.type == 'duckdb' -%}
        {%- set schemas = graph.nodes.values() | map(attribute='schema')
            | map('lower') | unique | list -%}
        {%- if target.database | lower in schemas -%}
            {%- do exceptions.raise_compiler_error(
                "The database file is named like the schema " ~ target.database
                ~ ". Give it another name with DUCKDB_PATH."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
