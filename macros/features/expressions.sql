{# total / number as floating point, 0 where there is nothing to average. #}
{% macro mean_or_zero(total, number) -%}
    coalesce(
        cast({{ total }} as {{ type_double() }})
        / nullif(cast({{ number }} as {{ type_double() }}), 0),
        0
    )
{%- endmacro %}

{# MD5 of the columns' values: differs when one of them changes. #}
{% macro fingerprint(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(
            "coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')"
        ) -%}
    {%- endfor -%}
    {{ dbt.hash("concat(" ~ texts | join(", '|', ") ~ ")") }}
{%- endmacro %}
