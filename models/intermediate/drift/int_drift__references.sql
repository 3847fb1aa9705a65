{# Written once a run, in the build that trains it: later the training
   examples are rebuilt from newer data, and drift would compare the data with
   itself. #}
{{ config(
    materialized='incremental',
    tags=['train'],
    full_refresh=false,
) }}
{%- set features = model_features() %}
{#- All labelled addresses are among the examples, of the others only a sample.
    Each of those stands for as many as were left out. -#}
{%- set full_weight = 10000 %}
{%- set drawn = (setting('unlabelled_sample_percent') * 100) | round | int %}

with

newest_run as (

    {{ newest_run() }}

),

new_run as (

    select run_id from newest_run
    {% if is_incremental() %}
    where run_id not in (select stored.run_id from {{ this }} as stored)
    {% endif %}

),

population as (

    select
        address,
        case
            when is_labelled then {{ [drawn, full_weight] | min }}
            else {{ full_weight }}
        end as weight
    from {{ ref('int_features__backtest_population') }}

),

-- Training takes labelled addresses with fewer events too. They are never
-- scored, so they would be drift from the first day on.
examples as (

    select
        population.weight,
        training_examples.*
    from {{ ref('int_scam_training__examples') }} as training_examples
    inner join population on training_examples.address = population.address
    where
        training_examples.fit_name = 'lifetime'
        and training_examples.tx_count >= {{ setting('least_events') }}
    order by
        {{ dbt.hash('training_examples.address') }}, training_examples.address
    limit {{ drift_sample_size() }}

),

deployed_scores as (

    select
        population.weight,
        scores.score
    from {{ ref('scam_evaluation_scores') }} as scores
    inner join new_run on scores.run_id = new_run.run_id
    inner join population on scores.address = population.address
    where
        scores.evaluation = 'deployed'
        and scores.event_count >= {{ setting('least_events') }}
        and {{ is_champion_kind('scores') }}
    order by {{ dbt.hash('scores.address') }}, scores.address
    limit {{ drift_sample_size() }}

),

reference_values as (
    {{ unpivot(features, 'examples', kept=['weight']) }}
    union all
    select
        'score' as feature_name,
        score as feature_value,
        weight
    from deployed_scores

),

distinct_values as (

    select
        feature_name,
        feature_value,
        feature_value is not null as is_known,
        count(*) as number_of_rows,
        sum(weight) as weight
    from reference_values
    group by feature_name, feature_value

),

cumulative_values as (

    select
        *,
        sum(number_of_rows) over (partition by feature_name)
            as reference_rows,
        sum(weight) over (partition by feature_name) as reference_weight,
        sum(case when is_known then weight else 0 end) over (
            partition by feature_name
        ) as known_weight,
        sum(weight) over (
            partition by feature_name, is_known order by feature_value
        ) as weight_to_here
    from distinct_values

),

neighbouring_values as (

    select
        *,
        lead(weight) over (
            partition by feature_name, is_known order by feature_value
        ) as next_weight
    from cumulative_values

),

-- At most two hundred steps a feature: where the next half percent is reached.
-- The value before one that holds half a percent alone (for deciles: a tenth)
-- is kept too, or what moves off a frequent value would not be seen. A feature
-- without any value keeps one row without an upper value.
edges as (

    select
        *,
        is_known
        and (
            floor(200 * weight_to_here / nullif(known_weight, 0))
            > floor(200 * (weight_to_here - weight) / nullif(known_weight, 0))
            or coalesce(200 * next_weight >= known_weight, false)
        ) as is_edge,
        is_known
        and (
            floor(10 * weight_to_here / nullif(known_weight, 0))
            > floor(10 * (weight_to_here - weight) / nullif(known_weight, 0))
            or coalesce(10 * next_weight >= known_weight, false)
        ) as is_decile
    from neighbouring_values

)

select
    new_run.run_id,
    edges.feature_name,
    edges.feature_value as upper_value,
    cast(edges.weight_to_here as {{ type_double() }})
    / nullif(edges.known_weight, 0) as cumulative_share,
    1 - cast(edges.known_weight as {{ type_double() }}) / edges.reference_weight
        as unknown_share,
    cast(edges.reference_rows as {{ dbt.type_bigint() }}) as reference_rows,
    edges.is_decile
from edges
cross join new_run
where edges.is_edge or edges.known_weight = 0
