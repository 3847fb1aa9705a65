{%- set model_key = 'run_id, model_name, feature_set' %}

with

scopes as (

    select * from {{ ref('int_scam_evaluation__lead_time_scopes') }}

),

positions as (

    select * from {{ ref('int_scam_evaluation__queue_positions') }}
    where queue_position <= 100 and is_reported_later

),

-- Over all cutoffs the first queue that had the address counts.
found_addresses as (

    select
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name,
        positions.address,
        max(positions.days_ahead) as days_ahead
    from positions
    inner join scopes
        on
            positions.run_id = scopes.run_id
            and positions.fit_name = scopes.fit_name
    group by
        positions.run_id,
        positions.model_name,
        positions.feature_set,
        scopes.scope_name,
        positions.address

),

ordered_addresses as (

    select
        *,
        row_number() over (
            partition by {{ model_key }}, scope_name order by days_ahead
        ) as position,
        count(*) over (partition by {{ model_key }}, scope_name) as addresses
    from found_addresses

)

-- The interval of a median lies between two of the values in their order, by
-- the normal approximation of the sign test. Fewer than six have none.
select
    {{ model_key }},
    scope_name,
    'median_days_ahead' as figure,
    count(*) as trials,
    {{ exact_median('days_ahead') }} as figure_value,
    min(case
        when
            addresses >= 6
            and position >= floor(addresses / 2.0 - 0.98 * sqrt(addresses))
            then days_ahead
    end) as interval_low,
    min(case
        when
            addresses >= 6
            and position >= least(
                addresses, ceil(addresses / 2.0 + 0.98 * sqrt(addresses)) + 1
            )
            then days_ahead
    end) as interval_high,
    cast(null as {{ type_double() }}) as random_value
from ordered_addresses
group by {{ model_key }}, scope_name
