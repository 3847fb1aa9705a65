{%- set pinned_run_id = setting('champion_run_id') %}
{%- set replacing_run_id = "'" ~ pinned_run_id ~ "'" if pinned_run_id
    else 'next_run_id' %}
{%- set reasons = {
    'first_run': 'first run that can score',
    'first_with_past_model':
        'first run that can be compared: the incumbent has no model of the time'
        ~ ' before its cutoff',
    'better': 'average precision is better than that of the incumbent',
    'equal_and_better_calibrated':
        'equal average precision, better calibrated probabilities',
    'not_better': 'not surely better than the incumbent',
    'labelled_non_scams':
        'trained on labelled non-scams only, the incumbent on all addresses',
    'too_few_positives': 'too few scams in the slice to tell',
    'no_lifetime_model': 'has no lifetime model to score with',
    'no_past_model': 'has no model of the time before the cutoff to compare',
    'incumbent_without_past_model':
        'the incumbent has no model of the time before its cutoff to compare',
    'no_slice': 'no addresses after the cutoff to compare on',
    'slice_was_trained_on':
        'the incumbent was trained on part of the slice: use a later time_cutoff',
    'incumbent_unusable':
        'the stored model of the incumbent cannot score the slice',
    'not_tried': 'a newer run was trained before this one was evaluated',
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
        runs.run_id,
        trials.incumbent_run_id,
        coalesce(trials.reason_code, 'not_tried') as reason_code,
        {%- for column in [
            'average_precision', 'average_precision_low',
            'average_precision_high', 'incumbent_average_precision',
            'difference', 'difference_low', 'difference_high', 'positives',
            'examples', 'slice_start', 'slice_end',
        ] %}
        trials.{{ column }},
        {%- endfor %}
        coalesce(trials.is_promoted, false) as is_promoted,
        runs.trained_at
    from runs
    left join {{ ref('int_scam_evaluation__trials') }} as trials
        on runs.run_id = trials.run_id

),

champion as (

    select run_id from {{ ref('int_scam_serving__champion') }}

),

decisions as (

    select
        trials.*,
        lead(trials.run_id) over (
            partition by trials.is_promoted
            order by trials.trained_at, trials.run_id
        ) as next_run_id,
        case
            when champion.run_id is not null then 'champion'
            when trials.is_promoted then 'retired'
            else 'challenger'
        end as decision
    from trials
    left join champion on trials.run_id = champion.run_id

)

select
    run_id,
    incumbent_run_id,
    decision,
    reason_code,
    case reason_code
        {%- for code, reason in reasons.items() %}
        when '{{ code }}' then '{{ reason }}'
        {%- endfor %}
    end as reason,
    case
        when decision = 'retired' then {{ replacing_run_id }}
    end as replaced_by_run_id,

    average_precision,
    average_precision_low,
    average_precision_high,
    incumbent_average_precision,
    difference,
    difference_low,
    difference_high,
    positives,
    examples,

    {{ (pinned_run_id is not none) | lower }} and decision = 'champion'
        as is_pinned,

    slice_start,
    slice_end,
    trained_at
from decisions
