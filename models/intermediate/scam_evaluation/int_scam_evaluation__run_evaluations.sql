{# Written once a run, in the build that trains it: vars and windows change. #}
{{ config(materialized='incremental', full_refresh=false) }}
{%- set sample_percent = setting('unlabelled_sample_percent') %}

with

evaluations as (

    select * from {{ ref('int_scam_training__evaluations') }}

),

windows as (

    select * from {{ ref('int_features__window_extents') }}

),

newest_run as (

    {{ newest_run() }}

),

new_run as (

    select run_id from newest_run
    {% if is_incremental() %}
    where run_id not in (select stored.run_id from {{ this }} as stored)
    {% endif %}

),

run_evaluations as (

    select
        new_run.run_id,
        evaluations.evaluation,
        evaluations.fit_name,
        evaluations.tested_addresses,
        evaluations.positive_labels,
        evaluations.negative_labels,
        cast({{ sample_percent }} as {{ type_double() }})
            as unlabelled_sample_percent,
        {{ setting('least_events') }} as least_events,
        (
            {{ epoch_seconds('windows.data_end_at') }}
            - {{ epoch_seconds('windows.origin_at') }}
        ) / cast(86400 as {{ type_double() }}) as days,
        evaluations.cutoff_at,
        evaluations.test_labels_known_at
    from new_run
    cross join evaluations
    inner join windows on evaluations.train_window_name = windows.window_name

)

select
    run_id,
    evaluation,
    fit_name,
    tested_addresses,
    positive_labels,
    negative_labels,
    unlabelled_sample_percent,
    least_events,
    greatest(days, 1.0) as training_days,
    cutoff_at,
    test_labels_known_at
from run_evaluations
