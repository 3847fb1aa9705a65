{%- set pinned_run_id = var('champion_run_id') %}
{%- set texts = {
    'own_text': 'average_precision',
    'incumbent_text': 'incumbent_average_precision',
    'difference_text': 'difference',
    'low_text': 'difference_low',
    'high_text': 'difference_high',
    'brier_text': 'brier_score',
    'incumbent_brier_text': 'incumbent_brier_score',
} %}

with

runs as (

    select
        run_id,
        max(trained_at) as trained_at
    from {{ ref('scam_models') }}
    group by run_id

),

trials as (

    select
        *,
        {% for text, figure in texts.items() -%}
        coalesce({{ number_text(figure, '%.4f') }}, 'unknown') as {{ text }},
        {% endfor -%}
        concat(
            cast(coalesce(examples, 0) as {{ dbt.type_string() }}),
            ' addresses with ',
            cast(coalesce(positives, 0) as {{ dbt.type_string() }}),
            ' scams, from ',
            coalesce({{ timestamp_text('slice_start') }}, 'unknown'),
            ' on'
        ) as slice_text
    from {{ ref('scam_promotion_trials') }}

),

figures as (

    select
        runs.run_id,
        runs.trained_at,
        trials.incumbent_run_id,
        trials.reason_code,
        coalesce(trials.reason_detail, '') as reason_detail,
        trials.examples,
        trials.positives,
        trials.average_precision,
        trials.average_precision_low,
        trials.average_precision_high,
        trials.incumbent_average_precision,
        trials.difference,
        trials.difference_low,
        trials.difference_high,
        trials.slice_start,
        trials.slice_end,
        trials.slice_text,
        coalesce(trials.is_promoted, false) as is_promoted,
        concat(
            'average precision ', trials.own_text, ' against ',
            trials.incumbent_text, ' of run ',
            coalesce(trials.incumbent_run_id, 'none'), ', difference ',
            trials.difference_text, ' (95 % interval ', trials.low_text,
            ' to ', trials.high_text, '), on ', trials.slice_text
        ) as comparison,
        concat(
            'average precision ', trials.own_text, ' on ', trials.slice_text
        ) as own_figures,
        concat(
            'Brier score ', trials.brier_text, ' against ',
            trials.incumbent_brier_text
        ) as brier_scores,
        concat(
            '. The champion stays; train again when more is known, or set',
            ' champion_run_id to ', runs.run_id, ' to use it all the same'
        ) as what_to_do
    from runs
    left join trials on runs.run_id = trials.run_id

),

explained as (

    select
        *,
        case reason_code
            when 'first_run'
                then concat('first run that can score; ', own_figures)
            when 'better' then concat('better: ', comparison)
            when 'equal_and_better_calibrated'
                then concat(
                    'equal and better calibrated: ', brier_scores, '; ',
                    comparison
                )
            when 'not_better'
                then concat(
                    'not surely better: ', comparison, '; ', brier_scores
                )
            when 'too_few_positives'
                then concat('too few scams to tell: ', comparison, what_to_do)
            when 'no_lifetime_model'
                then 'has no lifetime model to score with'
            when 'no_time_model'
                then concat(
                    'has no model of the time before the cutoff, so every',
                    ' address was seen in training', what_to_do
                )
            when 'incumbent_without_time_model'
                then concat(
                    'run ', incumbent_run_id, ', to be compared with, has no',
                    ' model of the time before its cutoff', what_to_do
                )
            when 'no_slice'
                then concat('no addresses after the cutoff', what_to_do)
            when 'slice_was_trained_on'
                then concat(
                    'this run or ', incumbent_run_id, ' was trained on what',
                    ' happened up to ', reason_detail, ', after the newest',
                    ' cutoff: train again with a time_cutoff no earlier',
                    what_to_do
                )
            when 'challenger_unusable'
                then concat('cannot be judged: ', reason_detail, what_to_do)
            when 'incumbent_unusable'
                then concat(
                    'run ', incumbent_run_id, ', to be compared with, cannot',
                    ' be judged: ', reason_detail, what_to_do
                )
            else 'not judged yet: dbt build --select tag:train+ does it'
        end as explanation,
        max(average_precision) over (
            order by trained_at, run_id
            rows between unbounded preceding and 1 preceding
        ) as best_earlier_average_precision,
        lead(run_id) over (
            partition by is_promoted order by trained_at, run_id
        ) as next_in_group
    from figures

),

decided as (

    select
        *,
        case
            {%- if pinned_run_id %}
            when run_id = '{{ pinned_run_id }}' then 'champion'
            {%- else %}
            when is_promoted and next_in_group is null then 'champion'
            {%- endif %}
            when is_promoted then 'retired'
            else 'challenger'
        end as decision
    from explained

)

select
    run_id,
    incumbent_run_id,
    decision,
    case
        {%- if pinned_run_id %}
        when decision = 'champion'
            then concat(explanation, '; pinned by champion_run_id')
        when decision = 'retired'
            then concat(explanation, '; the pinned run scores instead')
        {%- else %}
        when decision = 'retired'
            then concat(explanation, '; replaced by run ', next_in_group)
        {%- endif %}
        else explanation
    end as reason,

    average_precision,
    average_precision_low as interval_low,
    average_precision_high as interval_high,
    best_earlier_average_precision,
    incumbent_average_precision,
    difference,
    difference_low,
    difference_high,
    positives,
    examples,

    slice_start,
    slice_end,
    trained_at
from decided
