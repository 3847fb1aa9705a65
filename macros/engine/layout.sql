{#
    Condition that a column has a value of the same column of an earlier, small
    model, in its rows whose key a known relation lacks, where there is one.
    BigQuery skips blocks and partitions only for constants, not for values it
    finds while joining. The join stays, so the condition may be true. It is
    where the constants are too many for the text of a query, which BigQuery
    takes up to a million characters of.
#}
{% macro is_among(column, model, key=none, known=none) %}
    {{- return(adapter.dispatch('is_among')(column, model, key, known)) -}}
{% endmacro %}

{% macro duckdb__is_among(column, model, key, known) %}{{ return('true') }}{% endmacro %}

{% macro bigquery__is_among(column, model, key, known) %}
    {%- set relation = built_relation(model) -%}
    {%- if not relation -%}{{ return('true') }}{%- endif -%}
    {%- set sql -%}
        select distinct named.{{ column }} from {{ relation }} as named
        {%- if known %}
        left join {{ known }} as known on named.{{ key }} = known.{{ key }}
        where known.{{ key }} is null
        {%- endif %}
        order by 1
    {%- endset -%}
    {%- set values = run_query(sql).columns[0].values() -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(
            value if value is number else "date '" ~ value ~ "'"
        ) -%}
    {%- endfor -%}
    {%- set condition = column ~ ' in (' ~ literals | join(', ') ~ ')' -%}
    {{ return(
        'false' if not literals
        else condition if condition | length <= 800000 else 'true'
    ) }}
{% endmacro %}

{#
    How a table is stored on BigQuery, so that a query reads the parts it needs.
    DuckDB keeps the extremes of every block by itself.
#}
{% macro layout(partition_by=none, cluster_by=none) %}
    {{- return(adapter.dispatch('layout')(partition_by, cluster_by)) -}}
{% endmacro %}

{% macro duckdb__layout(partition_by, cluster_by) %}{{ return({}) }}{% endmacro %}

{% macro bigquery__layout(partition_by, cluster_by) %}
    {%- set settings = {} -%}
    {%- if partition_by -%}{%- do settings.update(partition_by=partition_by) -%}{%- endif -%}
    {%- if cluster_by -%}{%- do settings.update(cluster_by=cluster_by) -%}{%- endif -%}
    {{ return(settings) }}
{% endmacro %}

{#
    on_schema_change of a table that grows. DuckDB says which columns differ. On
    BigQuery dbt would write every insert to a table of its own first, and what
    reads a missing column says so too.
#}
{% macro when_columns_differ() %}{{ return(adapter.dispatch('when_columns_differ')()) }}{% endmacro %}

{% macro duckdb__when_columns_differ() %}{{ return('fail') }}{% endmacro %}

{% macro bigquery__when_columns_differ() %}{{ return('ignore') }}{% endmacro %}

{#
    Keyword of a CTE that DuckDB computes by itself. In one plan it would look
    for the best order of all joins of a long chain of CTEs at once.
#}
{% macro computed_apart() %}{{ return(adapter.dispatch('computed_apart')()) }}{% endmacro %}

{% macro duckdb__computed_apart() %}{{ return('as materialized') }}{% endmacro %}

{% macro bigquery__computed_apart() %}{{ return('as') }}{% endmacro %}
