{%- set differences = [
    'average_precision', 'difference', 'brier_reduction'
] %}

with

slice_sets as (

    select
        *,
        model_name = 'incumbent' as is_incumbent
    from {{ ref('int_scam_evaluation__sets') }} as sets
    where
        sets.evaluation = 'future'
        and sets.subset = 'all'
        and (
            sets.model_name = 'incumbent'
            or ({{ is_champion_kind('sets') }})
        )

),

replicates as (

    select
        slice_sets.run_id,
        slice_sets.is_incumbent,
        replicates.replicate,
        replicates.average_precision,
        replicates.brier_score
    from {{ ref('int_scam_evaluation__ranking_replicates') }} as replicates
    inner join slice_sets on replicates.set_id = slice_sets.set_id

),

-- Both models meet each address equally often in a replicate.
paired_replicates as (

    select
        challengers.run_id,
        challengers.replicate,
        challengers.average_precision,
        incumbents.average_precision as incumbent_average_precision,
        challengers.average_precision - incumbents.average_precision
            as difference,
        challengers.brier_score,
        incumbents.brier_score as incumbent_brier_score,
        incumbents.brier_score - challengers.brier_score as brier_reduction
    from replicates as challengers
    left join replicates as incumbents
        on
            challengers.run_id = incumbents.run_id
            and challengers.replicate = incumbents.replicate
            and incumbents.is_incumbent
    where not challengers.is_incumbent

),

difference_values as (
    {% for difference in differences %}
    select
        run_id,
        '{{ difference }}' as metric_name,
        replicate,
        {{ difference }} as metric_value
    from paired_replicates
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

intervals as (

    {{ bootstrap_intervals('difference_values', 'run_id') }}

),

interval_columns as (

    select
        run_id,
        {%- for difference in differences %}
        {%- for end in ['low', 'high'] %}
        max(case
            when metric_name = '{{ difference }}' then interval_{{ end }}
        end) as {{ difference }}_{{ end }}
        {{- ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from intervals
    group by run_id

)

select
    slice_sets.run_id,

    slice_sets.examples,
    slice_sets.positives,
    figures.average_precision,
    interval_columns.average_precision_low,
    interval_columns.average_precision_high,
    figures.incumbent_average_precision,
    figures.difference,
    interval_columns.difference_low,
    interval_columns.difference_high,
    figures.brier_score,
    figures.incumbent_brier_score,
    figures.brier_reduction,
    interval_columns.brier_reduction_low,
    interval_columns.brier_reduction_high,

    slice_sets.cutoff_at as slice_start,
    slice_sets.test_labels_known_at as slice_end
from slice_sets
inner join paired_replicates as figures
    on slice_sets.run_id = figures.run_id and figures.replicate = 0
left join interval_columns on slice_sets.run_id = interval_columns.run_id
where not slice_sets.is_incumbent
