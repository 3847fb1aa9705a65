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
        set_id,
        '{{ metric }}' as metric_name,
        replicate,
        {{ metric }} as metric_value
    from replicates
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

intervals as (

    {{ bootstrap_intervals('replicate_values', 'set_id') }}

)

select
    replicate_values.set_id,
    replicate_values.metric_name,
    replicate_values.metric_value,
    intervals.interval_low,
    intervals.interval_high,
    case when intervals.interval_low is not null then 'bootstrap' end
        as interval_method
from replicate_values
left join intervals
    on
        replicate_values.set_id = intervals.set_id
        and replicate_values.metric_name = intervals.metric_name
where replicate_values.replicate = 0
