{#
    Stops a run that leaves training out (--exclude tag:train) where the
    trained tables it would read do not exist yet.
#}
{% macro require_trained_models() %}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set trained_models = [] -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type == 'model' and 'train' in node.tags -%}
                {%- do trained_models.append(node) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set missing = missing_inputs(trained_models) -%}
        {%- if missing -%}
            {%- do exceptions.raise_compiler_error(
                "Train first: " ~ missing | join(', ')
                ~ " do not exist in this database. Run `make build`, or"
                ~ " `dbt build` without --exclude tag:train, once."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Names of those nodes that a selected model reads, but that neither exist nor
   are built by this run. #}
{% macro missing_inputs(nodes) %}
    {%- set missing = [] -%}
    {%- set read = nodes_read_by_selection() -%}
    {%- for node in nodes
        if node.unique_id in read
        and node.unique_id not in selected_resources -%}
        {%- set relation = adapter.get_relation(
            node.database, node.schema, node.alias
        ) -%}
        {%- if relation is none -%}
            {%- do missing.append(node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(missing | sort) }}
{% endmacro %}

{# Ids of what a selected model reads directly. #}
{% macro nodes_read_by_selection() %}
    {%- set read = [] -%}
    {%- for unique_id in selected_resources if unique_id in graph.nodes -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- if node.resource_type == 'model' -%}
            {%- do read.extend(node.depends_on.nodes) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(read) }}
{% endmacro %}
