{%- set features = ['ether_balance', 'unique_tokens', 'unique_transfers'] %}

with

medians as (

    select * from {{ ref('int_investor_profile_medians') }}

),

-- Logarithms of 1 + median compare a profile with the population in
-- multiples, whatever the unit, and a few very rich addresses do not move it.
compared as (

    select
        profiles.run_id,
        profiles.cluster,
        profiles.feature_name,
        profiles.median_value,
        profiles.addresses,
        population.median_value as population_median,
        population.addresses as population_addresses,
        row_number() over (
            partition by profiles.run_id, profiles.cluster
            order by
                abs(
                    ln(1 + profiles.median_value)
                    - ln(1 + population.median_value)
                ) desc,
                profiles.feature_name asc
        ) as difference_rank
    from medians as profiles
    inner join medians as population
        on
            profiles.run_id = population.run_id
            and profiles.feature_name = population.feature_name
    where profiles.cluster >= 0 and population.cluster < 0

)

select
    run_id,
    cluster,
    max(addresses) as addresses,
    max(population_addresses) as population_addresses,
    {%- for feature in features %}
    max(case when feature_name = '{{ feature }}' then median_value end)
        as median_{{ feature }},
    max(case when feature_name = '{{ feature }}' then population_median end)
        as population_median_{{ feature }},
    {%- endfor %}
    max(case when difference_rank = 1 then feature_name end)
        as defining_feature,
    max(case when difference_rank = 1 then median_value end)
        as defining_median,
    max(case when difference_rank = 1 then population_median end)
        as defining_population_median
from compared
group by run_id, cluster
