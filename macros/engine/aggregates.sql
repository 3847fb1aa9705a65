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
    Query for the keys of a relation with the number, total, largest, smallest
    and exact median of an integer column without NULLs, and the number of
    values up to `low`, if given. The median is the middle value, or the mean of
    the middle two. BigQuery has none, and an array of a group's values ends at
    100 MB: so equal values are counted first, and a running count over the
    distinct ones finds the middle.
#}
{% macro summary_by_group(relation, keys, column, low=none) %}
    {{- return(adapter.dispatch('summary_by_group')(relation, keys, column, low)) -}}
{% endmacro %}
{% macro duckdb__summary_by_group(relation, keys, column, low=none) -%}
    {%- set keys = keys | join(', ') -%}
    select
        {{ keys }},
        count(*) as number,
        {%- if low is not none %}
        count(case when {{ column }} <= {{ low }} then 1 end) as low_number,
        {%- endif %}
        sum({{ column }}) as total,
        max({{ column }}) as largest,
        min({{ column }}) as smallest,
        median({{ column }}) as median
    from {{ relation }}
    group by {{ keys }}
{%- endmacro %}
{% macro bigquery__summary_by_group(relation, keys, column, low=none) -%}
    {%- set keys = keys | join(', ') -%}
    select
        {{ keys }},
        sum(frequency) as number,
        {%- if low is not none %}
        sum(if({{ column }} <= {{ low }}, frequency, 0)) as low_number,
        {%- endif %}
        sum({{ column }} * frequency) as total,
        max({{ column }}) as largest,
        min({{ column }}) as smallest,
        (
            min(if(2 * rows_up_to >= rows_of_group, {{ column }}, null))
            + min(if(2 * rows_up_to > rows_of_group, {{ column }}, null))
        ) / 2 as median
    from (
        select
            {{ keys }},
            {{ column }},
            count(*) as frequency,
            sum(count(*)) over (
                partition by {{ keys }} order by {{ column }}
            ) as rows_up_to,
            sum(count(*)) over (partition by {{ keys }}) as rows_of_group
        from {{ relation }}
        group by {{ keys }}, {{ column }}
    )
    group by {{ keys }}
{%- endmacro %}

{#
    Exact median of a group of bounded size, such as a sample: the middle value,
    or the mean of the middle two; NULLs do not count. On BigQuery the group is
    held as an array, which ends at 100 MB; summary_by_group has no such end.
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
