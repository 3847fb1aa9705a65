{#
    Tables written a range of keys at a time. DuckDB joins and groups in memory,
    and what does not fit there goes to disk and back many times. So the widest
    and longest tables are written range by range (int_features__key_ranges),
    each from those input rows alone whose keys lie in the range. BigQuery shares
    the work out by itself.
#}

{#
    Settings of a table that is written by ranges of a column of keys. Rows whose
    key is NULL are in no range and would be lost.
#}
{% macro by_key_ranges(column) %}
    {{- return(adapter.dispatch('by_key_ranges')(column)) -}}
{% endmacro %}

{#
    dbt learns the dependency when it parses. Later the ref would fail in unit
    tests, which have only the tables they are given.
#}
{% macro duckdb__by_key_ranges(column) %}
    {%- if not execute %}{% do ref('int_features__key_ranges') %}{% endif -%}
    {{ return({'meta': {'by_ranges_of': column}}) }}
{% endmacro %}

{% macro bigquery__by_key_ranges(column) %}{{ return({}) }}{% endmacro %}

{#
    Overrides the macro of dbt-duckdb, which still creates the table: with the
    rows of the first range, or with all rows of a model without ranges. The
    other ranges are inserted in the same transaction.
#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none,
    sorted_by=none
) -%}
    {%- set column = config.get('meta', {}).get('by_ranges_of') -%}
    {%- set queries = range_queries(compiled_code, column)
        if column else [compiled_code] -%}
    {{ dbt.duckdb__create_table_as(
        temporary, relation, queries[0], language, partitioned_by, sorted_by
    ) }}
    {%- for query in queries[1:] %}
    insert into {{ relation.include(database=not temporary, schema=not temporary) }}
    {{ query }};
    {%- endfor %}
{%- endmacro %}

{#
    Queries for the rows of a query, one for each range of a column. If a table
    is built alone in a database of an earlier version, the ranges do not exist
    and the query stays whole. They are read outside the lineage, because with
    --empty a ref() has no rows.
#}
{% macro range_queries(query, column) %}
    {%- set queries = [] -%}
    {%- set ranges = built_relation('int_features__key_ranges') -%}
    {%- set rows = run_query(
        'select first_key, last_key from ' ~ ranges ~ ' order by first_key'
    ).rows if ranges else [] -%}
    {%- for row in rows -%}
        {%- do queries.append(
            'select * from (\n' ~ query ~ '\n) as whole_table where ' ~ column
            ~ ' between ' ~ row[0] ~ ' and ' ~ row[1]
        ) -%}
    {%- endfor -%}
    {{ return(queries or [query]) }}
{% endmacro %}
