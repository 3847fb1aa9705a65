{%- set features = profile_description_features() %}

with

members as (

    select * from {{ ref('int_investor_profiles__members') }}

),

-- Each profile, and all profiles of a run together as the population.
measured as (
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

ordered as (

    select
        *,
        row_number() over (
            partition by run_id, cluster, feature_name order by feature_value
        ) as position,
        count(*) over (partition by run_id, cluster, feature_name)
            as number_of_rows
    from measured

)

-- The median is the middle value or the mean of the middle two; a quartile is
-- the smallest value that a quarter (three quarters) does not exceed.
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
from ordered
group by run_id, cluster, feature_name
