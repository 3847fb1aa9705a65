{# Relations of models without ref(), so that dbt adds no edge to the lineage. #}

{# The relation of a model, by its name. #}
{% macro relation_named(name) %}
    {%- for node in graph.nodes.values() if node.name == name -%}
        {{ return(api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias
        )) }}
    {%- endfor -%}
{% endmacro %}

{#
    The relation of a model if a build has made it. None while dbt only parses,
    compiles or lists, and in a unit test, which has no other models.
#}
{% macro built_relation(name) %}
    {%- if not execute or flags.WHICH not in ('build', 'run')
        or graph.nodes is not defined -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set relation = relation_named(name) -%}
    {{ return(adapter.get_relation(
        relation.database, relation.schema, relation.identifier
    )) }}
{% endmacro %}
