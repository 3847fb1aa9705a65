{#
    Read groups. Of a table with a row for every address most steps need a few.
    Its column read_group is 1 for those and 0 for the others, and BigQuery
    reads, and bills, only the group that a query asks for.
#}
{% macro layout_by_read_group(cluster_by=none) %}
    {{ return(layout(
        partition_by={
            'field': 'read_group',
            'data_type': 'int64',
            'range': {'start': 0, 'end': 2, 'interval': 1},
        },
        cluster_by=cluster_by
    )) }}
{% endmacro %}
