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
    {%- for node in nodes if node.unique_id not in selected_resources -%}
        {%- set relation = adapter.get_relation(
            node.database, node.schema, node.alias
        ) -%}
        {%- if relation is none and is_read_by_selection(node.unique_id) -%}
            {%- do missing.append(node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(missing | sort) }}
{% endmacro %}

{# True if a selected model reads this one directly. #}
{% macro is_read_by_selection(unique_id) %}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and node.unique_id in selected_resources
            and unique_id in node.depends_on.nodes -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}
