{%- set metrics = [
    'average_precision', 'average_precision_lift', 'roc_auc',
    'recall_at_80_precision', 'recall_at_90_precision',
    'recall_at_95_precision',
] %}

with

replicates as (

    {{ ranked_replicates(
        ref('int_scam_evaluation__ranking_replicates'), 'set_id', metrics
    ) }}

),

metric_columns as (

    select
        set_id,
        {% for metric in metrics -%}
        max(case when replicate = 0 then {{ metric }} end) as {{ metric }},
        {{ interval_columns(metric) }},
        {% endfor -%}
        max(replicate) as replicates
    from replicates
    group by set_id

),

metric_rows as (
    {% for metric in metrics %}
    select
        set_id,
        '{{ metric }}' as metric_name,
        {{ metric }} as metric_value,
        {{ metric }}_low as interval_low,
        {{ metric }}_high as interval_high
    from metric_columns
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    *,
    case when interval_low is not null then 'bootstrap' end as interval_method
from metric_rows
