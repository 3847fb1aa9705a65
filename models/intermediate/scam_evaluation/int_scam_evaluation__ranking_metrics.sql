{%- set metrics = [
    'average_precision', 'average_precision_lift', 'roc_auc',
    'recall_at_80_precision', 'recall_at_90_precision',
    'recall_at_95_precision',
] %}

with

replicates as (

    select * from {{ ref('int_scam_evaluation__ranking_replicates') }}

),

replicate_values as (
    {% for metric in metrics %}
    select
        evaluation_id,
        '{{ metric }}' as metric_name,
        replicate,
        {{ metric }} as metric_value
    from replicates
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- A replicate without any scam has no value and does not count.
ordered as (

    select
        *,
        row_number() over (
            partition by evaluation_id, metric_name order by metric_value
        ) as position,
        count(*) over (partition by evaluation_id, metric_name)
            as replicates
    from replicate_values
    where replicate > 0 and metric_value is not null

),

intervals as (

    select
        evaluation_id,
        metric_name,
        min(case when 40 * position >= replicates then metric_value end)
            as interval_low,
        min(case when 40 * position >= 39 * replicates then metric_value end)
            as interval_high
    from ordered
    group by evaluation_id, metric_name

)

select
    replicate_values.evaluation_id,
    replicate_values.metric_name,
    replicate_values.metric_value,
    intervals.interval_low,
    intervals.interval_high,
    case when intervals.interval_low is not null then 'bootstrap' end
        as interval_method
from replicate_values
left join intervals
    on
        replicate_values.evaluation_id = intervals.evaluation_id
        and replicate_values.metric_name = intervals.metric_name
where replicate_values.replicate = 0
