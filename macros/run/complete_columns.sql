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
        {%- set meta = config.get('meta', {}) -%}
        {%- if meta.has_window_features -%}
            {%- for feature in feature_catalogue()
                if feature.family != 'proximity' -%}
                {%- do declare_column(
                    feature.name, feature.data_type, feature.description
                ) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if meta.has_ether_amounts -%}
            {%- for feature in wei_features() -%}
                {%- do declare_column(
                    feature.name ~ '_eth',
                    feature.data_type,
                    feature.name ~ ' in ETH.'
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Adds a column to those that the model of this hook declares. #}
{% macro declare_column(name, data_type, description) %}
    {%- do model.columns.update({name: {
        'name': name,
        'description': description,
        'data_type': native_type(data_type),
        'meta': {},
        'constraints': [],
        'quote': none,
        'tags': [],
    }}) -%}
{% endmacro %}

{# A text of YAML without its line breaks. #}
{% macro one_line(text) %}{{ return(text.split() | join(' ')) }}{% endmacro %}
