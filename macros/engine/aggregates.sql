{#
    Sum of integers without overflow and without rounding, so that the same
    rows give the same total whatever the order they arrive in.
#}
{% macro sum_exactly(expression) %}
    {{- return(adapter.dispatch('sum_exactly')(expression)) -}}
{% endmacro %}
{% macro duckdb__sum_exactly(expression) -%}
    sum({{ expression }})
{%- endmacro %}
{% macro bigquery__sum_exactly(expression) -%}
    sum(cast({{ expression }} as bignumeric))
{%- endmacro %}
