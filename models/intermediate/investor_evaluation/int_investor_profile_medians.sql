{%- set features = ['ether_balance', 'unique_tokens', 'unique_transfers'] %}

with

assignments as (

    select * from {{ ref('investor_profile_assignments') }}

),

features as (

    select * from {{ ref('int_investor_features') }}
    where is_eligible and entity_category is null

),

members as (

    select
        assignments.run_id,
        assignments.cluster,
        features.*
    from assignments
    inner join features on assignments.address = features.address

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

-- The middle value, or the mean of the middle two.
select
    run_id,
    cluster,
    feature_name,
    avg(feature_value) as median_value,
    max(number_of_rows) as addresses
from ordered
where
    2 * position >= number_of_rows
    and 2 * position <= number_of_rows + 2
group by run_id, cluster, feature_name
