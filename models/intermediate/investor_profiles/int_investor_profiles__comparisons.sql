{%- set features = profile_description_features() %}

with

members as (

    select * from {{ ref('int_investor_profiles__members') }}

),

-- Each profile, and all profiles of a run together as the population, -1.
feature_values as (
    {% for feature in features %}
    select
        run_id,
        cluster,
        '{{ feature }}' as feature_name,
        cast({{ feature }} as {{ type_double() }}) as feature_value
    from members
    union all
    select
        run_id,
        -1 as cluster,
        '{{ feature }}' as feature_name,
        cast({{ feature }} as {{ type_double() }}) as feature_value
    from members
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

ordered_values as (

    select
        *,
        row_number() over (
            partition by run_id, cluster, feature_name order by feature_value
        ) as position,
        count(*) over (partition by run_id, cluster, feature_name)
            as number_of_rows
    from feature_values

),

-- The median is the middle value or the mean of the middle two; a quartile is
-- the smallest value that a quarter (three quarters) does not exceed.
profile_statistics as (

    select
        run_id,
        cluster,
        feature_name,
        max(
            case
                when
                    4 * position >= number_of_rows
                    and 4 * (position - 1) < number_of_rows
                    then feature_value
            end
        ) as lower_quartile,
        avg(
            case
                when
                    2 * position >= number_of_rows
                    and 2 * position <= number_of_rows + 2
                    then feature_value
            end
        ) as median_value,
        max(
            case
                when
                    4 * position >= 3 * number_of_rows
                    and 4 * (position - 1) < 3 * number_of_rows
                    then feature_value
            end
        ) as upper_quartile,
        max(number_of_rows) as addresses
    from ordered_values
    group by run_id, cluster, feature_name

),

statistics_beside_population as (

    select
        *,
        max(case when cluster = -1 then median_value end) over (
            partition by run_id, feature_name
        ) as population_median,
        max(case when cluster = -1 then addresses end) over (
            partition by run_id, feature_name
        ) as population_addresses
    from profile_statistics

),

-- Logarithms of 1 + median compare a profile with the population in
-- multiples, whatever the unit, and a few very rich addresses do not move it.
ranked_features as (

    select
        *,
        row_number() over (
            partition by run_id, cluster
            order by
                abs(
                    ln(1 + greatest(median_value, 0))
                    - ln(1 + greatest(population_median, 0))
                ) desc,
                feature_name asc
        ) as difference_rank
    from statistics_beside_population
    where cluster <> -1

)

select
    run_id,
    cluster,
    max(case when difference_rank = 1 then feature_name end)
        as first_defining_feature,
    max(case when difference_rank = 2 then feature_name end)
        as second_defining_feature,
    max(case when difference_rank = 3 then feature_name end)
        as third_defining_feature,
    max(addresses) as addresses,
    {%- for feature in features %}
    max(case when feature_name = '{{ feature }}' then lower_quartile end)
        as lower_quartile_{{ feature }},
    max(case when feature_name = '{{ feature }}' then median_value end)
        as median_{{ feature }},
    max(case when feature_name = '{{ feature }}' then upper_quartile end)
        as upper_quartile_{{ feature }},
    max(case when feature_name = '{{ feature }}' then population_median end)
        as population_median_{{ feature }},
    {%- endfor %}
    max(population_addresses) as population_addresses
from ranked_features
group by run_id, cluster
