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
