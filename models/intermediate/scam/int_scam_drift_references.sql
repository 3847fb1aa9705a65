{# Written once a run, in the build that trains it: later the training
   examples are rebuilt from newer data, and drift would compare the data with
   itself. #}
{{ config(
    materialized='incremental',
    tags=['train'],
    full_refresh=false,
) }}

with

run_times as (

    select
        run_id,
        max(trained_at) as trained_at
    from {{ ref('scam_models') }}
    where view = 'lifetime'
    group by run_id

),

newest_run as (

    select run_id
    from run_times
    where true
    qualify row_number() over (order by trained_at desc, run_id desc) = 1

),

new_run as (

    select run_id from newest_run
    {% if is_incremental() %}
    where run_id not in (select run_id from {{ this }})
    {% endif %}

),

examples as (

    select * from {{ ref('int_scam_training_examples') }}
    where fit_name = 'lifetime' and split = 'train'

),

validation_scores as (

    select scores.*
    from {{ ref('scam_evaluation_scores') }} as scores
    inner join newest_run on scores.run_id = newest_run.run_id
    where
        scores.view = 'lifetime'
        and scores.split = 'validation'
        and scores.model_name = '{{ champion_model_name() }}'
        and scores.feature_set = '{{ champion_feature_set() }}'

),

reference_values as (
    {{ unpivot(dictionary_features(), 'examples') }}
    union all
    {{ unpivot(['score'], 'validation_scores') }}
),

distinct_values as (

    select
        feature_name,
        feature_value,
        feature_value is not null as is_known,
        count(*) as number_of_rows
    from reference_values
    group by feature_name, feature_value

),

cumulative as (

    select
        *,
        sum(number_of_rows) over (partition by feature_name)
            as reference_rows,
        sum(case when is_known then number_of_rows else 0 end) over (
            partition by feature_name
        ) as known_rows,
        sum(number_of_rows) over (
            partition by feature_name, is_known order by feature_value
        ) as rows_to_here
    from distinct_values

),

-- At most a hundred values a feature: where the next percent is reached. A
-- feature without any value keeps one row without an upper value.
edges as (

    select
        *,
        is_known
        and floor(100 * rows_to_here / nullif(known_rows, 0))
        > floor(100 * (rows_to_here - number_of_rows) / nullif(known_rows, 0))
            as is_percent,
        is_known
        and floor(10 * rows_to_here / nullif(known_rows, 0))
        > floor(10 * (rows_to_here - number_of_rows) / nullif(known_rows, 0))
            as is_decile
    from cumulative

)

select
    new_run.run_id,
    edges.feature_name,
    edges.feature_value as upper_value,
    cast(edges.rows_to_here as {{ type_double() }})
    / nullif(edges.known_rows, 0) as cumulative_share,
    1 - cast(edges.known_rows as {{ type_double() }}) / edges.reference_rows
        as unknown_share,
    cast(edges.reference_rows as {{ dbt.type_bigint() }}) as reference_rows,
    edges.is_decile
from edges
cross join new_run
where edges.is_percent or edges.known_rows = 0
