{%- set pinned_run_id = var('champion_run_id') %}

with

candidates as (

    select
        *,
        {{ number_text('average_precision', '%.4f') }} as own_text,
        {{ number_text('best_earlier_average_precision', '%.4f') }}
            as best_text,
        lead(run_id) over (
            partition by is_better order by trained_at, run_id
        ) as next_in_group
    from {{ ref('int_scam_promotion_candidates') }}

),

decided as (

    select
        *,
        case
            {%- if pinned_run_id %}
            when run_id = '{{ pinned_run_id }}' then 'champion'
            when is_better then 'retired'
            {%- else %}
            when is_better and next_in_group is null then 'champion'
            when is_better then 'retired'
            {%- endif %}
            else 'challenger'
        end as decision,
        case
            when can_score = 0 then 'has no lifetime model to score with'
            when earlier_runs = 0
                then concat(
                    'first run; average precision in the time view ',
                    coalesce(own_text, 'is unknown')
                )
            when own_text is null
                then 'no average precision in the time view to compare'
            when best_text is null
                then concat(
                    'average precision in the time view ', own_text,
                    '; no earlier run has one'
                )
            else concat(
                'average precision in the time view ', own_text,
                case when is_better then ' beats ' else ' does not beat ' end,
                best_text, ', the best of the earlier runs'
            )
        end as comparison
    from candidates

)

select
    run_id,
    decision,
    case
        {%- if pinned_run_id %}
        when decision = 'champion'
            then concat(comparison, '; pinned by champion_run_id')
        when decision = 'retired'
            then concat(comparison, '; replaced by the pinned run')
        {%- else %}
        when decision = 'retired'
            then concat(comparison, '; replaced by run ', next_in_group)
        {%- endif %}
        else comparison
    end as reason,

    average_precision,
    interval_low,
    interval_high,
    best_earlier_average_precision,
    positives,
    examples,

    trained_at
from decided
