{#
    Columns of a relation as rows of feature_name and feature_value (double),
    beside the columns that are kept. The relation is named once: BigQuery
    computes a common table expression again for every mention.
#}
{% macro unpivot(columns, relation, kept=[]) -%}
    select
        feature_name,
        feature_value
        {%- for column in kept %},
        {{ column }}
        {%- endfor %}
    from (
        select
            {%- for column in kept %}
            {{ column }},
            {%- endfor %}
            {%- for column in columns %}
            cast({{ column }} as {{ type_double() }}) as {{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
    )
    unpivot include nulls (
        feature_value for feature_name in ({{ columns | join(', ') }})
    )
{%- endmacro %}
