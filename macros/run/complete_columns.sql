{#
    Before a mart is made: completes the columns it declares, which its contract
    and the descriptions in the database are made of. YAML cannot call a macro,
    so features, which the catalogue describes, and the engine's names of types
    are added here. Renders nothing.
#}
{% macro complete_columns() %}
    {%- if execute and config.persist_column_docs() -%}
        {%- do model.update(description=one_line(model.description)) -%}
        {%- for column in model.columns.values() -%}
            {%- do column.update(
                description=one_line(column.description),
                data_type=native_type(column.data_type)
            ) -%}
        {%- endfor -%}
        {%- if config.get('meta', {}).has_window_features -%}
            {%- for feature in feature_catalogue()
                if feature.family != 'proximity' -%}
                {%- do model.columns.update({feature.name: {
                    'name': feature.name,
                    'description': feature.description,
                    'data_type': native_type(feature.data_type),
                    'meta': {},
                    'constraints': [],
                    'quote': none,
                    'tags': [],
                }}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# A text of YAML without its line breaks. #}
{% macro one_line(text) %}{{ return(text.split() | join(' ')) }}{% endmacro %}
