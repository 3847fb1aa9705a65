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
    Query for exact medians by group of a column whose values are counted: the
    middle value, or the mean of the middle two. A value may have several rows,
    each with a number of times in `times`. `medians` names each median and the
    rows it is of. BigQuery has no exact median, and an array of a group's
    values ends at 100 MB: there a running sum over the distinct values finds
    the middle. DuckDB's median is faster, of every value as often as it occurs.
#}
{% macro medians_of_counts(relation, keys, value, times, medians) %}
    {{- return(adapter.dispatch('medians_of_counts')(
        relation, keys, value, times, medians
    )) -}}
{% endmacro %}
{% macro duckdb__medians_of_counts(relation, keys, value, times, medians) -%}
    select
        {{ keys | join(', ') }}
        {%- for name, rows in medians.items() %},
        median(case when {{ rows }} then {{ value }} end) as {{ name }}
        {%- endfor %}
    from (
        select * from {{ relation }}
        union all
        select * exclude (copy_number)
        from (
            select *, unnest(range(1, {{ times }})) as copy_number
            from {{ relation }}
            where {{ times }} > 1
        )
    )
    group by {{ keys | join(', ') }}
{%- endmacro %}
{% macro bigquery__medians_of_counts(relation, keys, value, times, medians) -%}
    {%- set key_list = keys | join(', ') -%}
    select
        {{ key_list }}
        {%- for name in medians %},
        max(if(median_number = {{ loop.index }}, middle, null)) as {{ name }}
        {%- endfor %}
    from (
        select
            {{ key_list }},
            median_number,
            (
                min(if(2 * times_up_to >= all_times, {{ value }}, null))
                + min(if(2 * times_up_to > all_times, {{ value }}, null))
            ) / 2 as middle
        from (
            select
                {{ key_list }},
                median_number,
                {{ value }},
                sum(sum({{ times }})) over (
                    partition by {{ key_list }}, median_number order by {{ value }}
                ) as times_up_to,
                sum(sum({{ times }})) over (
                    partition by {{ key_list }}, median_number
                ) as all_times
            from (
                select
                    *,
                    case
                        {%- for rows in medians.values() %}
                        when {{ rows }} then {{ loop.index }}
                        {%- endfor %}
                    end as median_number
                from {{ relation }}
            )
            group by {{ key_list }}, median_number, {{ value }}
        )
        group by {{ key_list }}, median_number
    )
    group by {{ key_list }}
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
