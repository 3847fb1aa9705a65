{%- set features = profile_description_features() %}

with

profile_statistics as (

    select * from {{ ref('int_investor_profiles__statistics') }}

),

-- Logarithms of 1 + median compare a profile with the population in
-- multiples, whatever the unit, and a few very rich addresses do not move it.
compared as (

    select
        profiles.*,
        population.median_value as population_median,
        population.addresses as population_addresses,
        row_number() over (
            partition by profiles.run_id, profiles.cluster
            order by
                abs(
                    ln(1 + greatest(profiles.median_value, 0))
                    - ln(1 + greatest(population.median_value, 0))
                ) desc,
                profiles.feature_name asc
        ) as difference_rank
    from profile_statistics as profiles
    inner join profile_statistics as population
        on
            profiles.run_id = population.run_id
            and profiles.feature_name = population.feature_name
    where profiles.cluster >= 0 and population.cluster < 0

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
from compared
group by run_id, cluster
