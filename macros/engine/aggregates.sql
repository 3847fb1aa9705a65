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

{#
    Exact median of a group of bounded size, such as a sample: the middle value,
    or the mean of the middle two; NULLs do not count. On BigQuery the group is
    held as an array, which ends at 100 MB.
#}
{% macro exact_median(expression) %}
    {{- return(adapter.dispatch('exact_median')(expression)) -}}
{% endmacro %}
{% macro duckdb__exact_median(expression) -%}
    median({{ expression }})
{%- endmacro %}
{% macro bigquery__exact_median(expression) -%}
    {%- set sorted -%}
        array_agg({{ expression }} ignore nulls order by {{ expression }})
    {%- endset -%}
    (
        {{ sorted }}[offset(div(count({{ expression }}) - 1, 2))]
        + {{ sorted }}[offset(div(count({{ expression }}), 2))]
    ) / 2
{%- endmacro %}
