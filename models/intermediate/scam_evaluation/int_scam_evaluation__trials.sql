{# A run is tried once, in the build that evaluates it. #}
{{ config(materialized='incremental', full_refresh=false) }}

{%- set least_positives = 10 %}
{%- set largest_equal_difference = 0.01 %}

with

scam_models as (

    select * from {{ ref('scam_models') }} as models
    where {{ is_champion_kind('models') }}

),

runs as (

    select
        run_id,
        max(trained_at) as trained_at
    from {{ ref('scam_models') }}
    {% if is_incremental() %}
    where run_id not in (select stored.run_id from {{ this }} as stored)
    {% endif %}
    group by run_id

),

run_models as (

    select
        runs.run_id,
        count(case when scam_models.fit_name = 'lifetime' then 1 end) > 0
            as has_lifetime_model,
        count(case when scam_models.fit_name = 'past' then 1 end) > 0
            as has_past_model
    from runs
    left join scam_models on runs.run_id = scam_models.run_id
    group by runs.run_id

),

newest_run as (

    {{ newest_run() }}

),

incumbent as (

    select
        newest_run.run_id,
        incumbent.run_id as incumbent_run_id,
        incumbent.window_end as incumbent_window_end
    from {{ ref('int_scam_evaluation__incumbent') }} as incumbent
    cross join newest_run

),

figures as (

    select * from {{ ref('int_scam_evaluation__trial_figures') }}

),

trials as (

    select
        runs.run_id,
        incumbent.incumbent_run_id,
        case
            when not run_models.has_lifetime_model then 'no_lifetime_model'
            when incumbent.incumbent_run_id is null then 'first_run'
            when not run_models.has_past_model then 'no_past_model'
            when incumbent.incumbent_window_end is null
                then 'incumbent_without_past_model'
            when figures.run_id is null then 'no_slice'
            when incumbent.incumbent_window_end > figures.slice_start
                then 'slice_was_trained_on'
            when figures.incumbent_average_precision is null
                then 'incumbent_unusable'
            when figures.positives < {{ least_positives }}
                then 'too_few_positives'
            when figures.difference_low > 0 then 'better'
            when
                figures.difference_low <= 0
                and figures.difference_high >= 0
                and abs(figures.difference) <= {{ largest_equal_difference }}
                and figures.brier_reduction_low > 0
                then 'equal_and_better_calibrated'
            else 'not_better'
        end as reason_code,
        {%- for column in [
            'examples', 'positives', 'average_precision',
            'average_precision_low', 'average_precision_high',
            'incumbent_average_precision', 'difference', 'difference_low',
            'difference_high', 'brier_score', 'incumbent_brier_score',
            'brier_reduction', 'brier_reduction_low', 'brier_reduction_high',
            'slice_start', 'slice_end',
        ] %}
        figures.{{ column }},
        {%- endfor %}
        runs.trained_at
    from runs
    inner join run_models on runs.run_id = run_models.run_id
    -- A run that was replaced before it was evaluated is not tried.
    inner join newest_run on runs.run_id = newest_run.run_id
    left join incumbent on runs.run_id = incumbent.run_id
    left join figures on runs.run_id = figures.run_id

)

select
    *,
    reason_code in ('first_run', 'better', 'equal_and_better_calibrated')
        as is_promoted
from trials
