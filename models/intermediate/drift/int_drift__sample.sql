{%- set features = model_features() %}

with

champion as (

    select * from {{ ref('int_scam_serving__champion') }}

),

-- The same addresses every time: a hundred thousand place a distribution
-- within half a percent, and all of a big chain in sorted lists would take one
-- machine a feature.
sampled as (

    select * from {{ ref('int_scam_serving__inputs') }}
    order by {{ dbt.hash('address') }}, address
    limit 100000

),

champion_scores as (

    select
        raw_scores.address,
        raw_scores.score
    from {{ ref('scam_raw_scores') }} as raw_scores
    inner join champion on raw_scores.run_id = champion.run_id

)

select
    sampled.address,
    champion_scores.score,
    {% for feature in features -%}
    sampled.{{ feature }},
    {% endfor -%}
    champion_scores.address is not null as is_scored
from sampled
left join champion_scores on sampled.address = champion_scores.address
