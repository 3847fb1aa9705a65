{#
    Stops a run of models that read seeds which were never loaded, as `dbt run`
    is in a fresh clone. With --defer dbt reads them elsewhere.
#}
{% macro require_seeds() %}
    {%- if execute and flags.WHICH in ('build', 'run')
        and not invocation_args_dict.get('defer', false) -%}
        {%- set missing = missing_inputs(
            graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed')
        ) -%}
        {%- if missing -%}
            {%- do exceptions.raise_compiler_error(
                "Load the seeds first: " ~ missing | join(', ')
                ~ " do not exist in this database. Run `make build` or"
                ~ " `dbt build`, which load them, or `dbt seed` once."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
