{# A run is tried once, in the build that evaluates it. #}
{{ config(materialized='incremental', full_refresh=false) }}

{%- set least_positives = 10 %}
{%- set largest_equal_difference = 0.01 %}
{%- set figures = ['average_precision', 'brier_score'] %}
{%- set differences = ['average_precision', 'difference', 'brier_reduction'] %}

with

sets as (

    select * from {{ ref('int_scam_evaluation__sets') }}
    where evaluation = 'future' and subset = 'all'

),

replicates as (

    select * from {{ ref('int_scam_evaluation__ranking_replicates') }}

),

newest_run as (

    {{ newest_run() }}

),

negatives as (

    select
        run_id,
        max(negative_labels) as negative_labels
    from {{ ref('int_scam_evaluation__run_evaluations') }}
    group by run_id

),

-- A run that was replaced before it was evaluated is not tried.
runs as (

    select
        newest_run.run_id,
        newest_run.trained_at,
        incumbent.run_id as incumbent_run_id,
        incumbent.window_end as incumbent_window_end,
        max(negatives.negative_labels) as negative_labels,
        max(incumbent_negatives.negative_labels) as incumbent_negative_labels,
        count(case when models.fit_name = 'lifetime' then 1 end) > 0
            as has_lifetime_model,
        count(case when models.fit_name = 'past' then 1 end) > 0
            as has_past_model
    from newest_run
    left join {{ ref('int_scam_evaluation__incumbent') }} as incumbent on true
    left join negatives on newest_run.run_id = negatives.run_id
    left join negatives as incumbent_negatives
        on incumbent.run_id = incumbent_negatives.run_id
    left join {{ ref('scam_models') }} as models
        on
            newest_run.run_id = models.run_id
            and {{ is_champion_kind('models') }}
    {% if is_incremental() %}
    where
        newest_run.run_id
        not in (select stored.run_id from {{ this }} as stored)
    {% endif %}
    group by
        newest_run.run_id,
        newest_run.trained_at,
        incumbent.run_id,
        incumbent.window_end

),

challengers as (

    select
        sets.*,
        replicates.replicate,
        replicates.average_precision,
        replicates.brier_score
    from sets
    inner join replicates on sets.set_id = replicates.set_id
    where {{ is_champion_kind('sets') }}

),

incumbents as (

    select
        sets.run_id,
        replicates.replicate,
        replicates.average_precision,
        replicates.brier_score
    from sets
    inner join replicates on sets.set_id = replicates.set_id
    where sets.model_name = 'incumbent'

),

-- Both models meet each address equally often in a replicate.
paired_replicates as (

    select
        challengers.*,
        {% for figure in figures -%}
        incumbents.{{ figure }} as incumbent_{{ figure }},
        {% endfor -%}
        challengers.average_precision - incumbents.average_precision
            as difference,
        incumbents.brier_score - challengers.brier_score as brier_reduction
    from challengers
    left join incumbents
        on
            challengers.run_id = incumbents.run_id
            and challengers.replicate = incumbents.replicate

),

replicate_positions as (

    {{ ranked_replicates('paired_replicates', 'run_id', differences) }}

),

figures as (

    select
        run_id,
        max(examples) as examples,
        max(positives) as positives,
        {% for figure in figures -%}
        max(case when replicate = 0 then {{ figure }} end) as {{ figure }},
        max(case when replicate = 0 then incumbent_{{ figure }} end)
            as incumbent_{{ figure }},
        {% endfor -%}
        max(case when replicate = 0 then difference end) as difference,
        max(case when replicate = 0 then brier_reduction end)
            as brier_reduction,
        {% for difference in differences -%}
        {{ interval_columns(difference) }},
        {% endfor -%}
        max(cutoff_at) as slice_start,
        max(test_labels_known_at) as slice_end
    from replicate_positions
    group by run_id

),

trials as (

    select
        runs.run_id,
        runs.incumbent_run_id,
        case
            when not runs.has_lifetime_model then 'no_lifetime_model'
            when runs.incumbent_run_id is null then 'first_run'
            -- Its models and its slice know no unlabelled address.
            when
                runs.negative_labels = 'labelled'
                and coalesce(runs.incumbent_negative_labels, 'unlabelled')
                = 'unlabelled'
                then 'labelled_non_scams'
            when not runs.has_past_model then 'no_past_model'
            -- Such an incumbent could never be compared with any run.
            when
                runs.incumbent_window_end is null
                and figures.positives >= {{ least_positives }}
                then 'first_with_past_model'
            when runs.incumbent_window_end is null
                then 'incumbent_without_past_model'
            when figures.run_id is null then 'no_slice'
            when runs.incumbent_window_end > figures.slice_start
                then 'slice_was_trained_on'
            -- Without a scam there is no average precision, whoever scores.
            when figures.incumbent_brier_score is null
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
        {% for column in [
            'examples', 'positives', 'average_precision',
            'average_precision_low', 'average_precision_high',
            'incumbent_average_precision', 'difference', 'difference_low',
            'difference_high', 'brier_score', 'incumbent_brier_score',
            'brier_reduction', 'brier_reduction_low', 'brier_reduction_high',
            'slice_start', 'slice_end',
        ] -%}
        figures.{{ column }},
        {% endfor -%}
        runs.trained_at
    from runs
    left join figures on runs.run_id = figures.run_id

)

select
    *,
    reason_code in (
        'first_run',
        'first_with_past_model',
        'better',
        'equal_and_better_calibrated'
    ) as is_promoted
from trials
