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
    Query for the keys of a relation with totals of each group and the exact
    medians of some integer columns: the middle value, or the mean of the middle
    two. NULLs do not count, and without a value the median is NULL. `medians`
    names the median of each column, `totals` is a list of aggregates in SQL.
    BigQuery has no exact median, and an array of a group's values ends at
    100 MB: so equal values are counted first, and a running count over the
    distinct ones finds the middle.
#}
{% macro totals_with_medians(relation, keys, totals, medians) %}
    {{- return(adapter.dispatch('totals_with_medians')(
        relation, keys, totals, medians
    )) -}}
{% endmacro %}
{% macro duckdb__totals_with_medians(relation, keys, totals, medians) -%}
    select
        {{ keys | join(', ') }},
        {%- for column, name in medians.items() %}
        median({{ column }}) as {{ name }},
        {%- endfor %}
        {{ totals }}
    from {{ relation }}
    group by {{ keys | join(', ') }}
{%- endmacro %}
{% macro bigquery__totals_with_medians(relation, keys, totals, medians) -%}
    {%- set key_list = keys | join(', ') -%}
    select
        {%- for name in medians.values() %}
        {{ name }}s.{{ name }},
        {%- endfor %}
        totals.*
    from (
        select
            {{ key_list }},
            {{ totals }}
        from {{ relation }}
        group by {{ key_list }}
    ) as totals
    {%- for column, name in medians.items() %}
    left join (
        select
            {{ key_list }},
            (
                min(if(2 * rows_up_to >= rows_of_group, {{ column }}, null))
                + min(if(2 * rows_up_to > rows_of_group, {{ column }}, null))
            ) / 2 as {{ name }}
        from (
            select
                {{ key_list }},
                {{ column }},
                sum(count(*)) over (
                    partition by {{ key_list }} order by {{ column }}
                ) as rows_up_to,
                sum(count(*)) over (partition by {{ key_list }}) as rows_of_group
            from {{ relation }}
            where {{ column }} is not null
            group by {{ key_list }}, {{ column }}
        )
        group by {{ key_list }}
    ) as {{ name }}s
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}totals.{{ key }} = {{ name }}s.{{ key }}
            {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#
    Exact median of a group of bounded size, such as a sample: the middle value,
    or the mean of the middle two; NULLs do not count. On BigQuery the group is
    held as an array, which ends at 100 MB; totals_with_medians has no such end.
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
