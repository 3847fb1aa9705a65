{%- set earlier -%}
    order by judged.trained_at, judged.run_id
    rows between unbounded preceding and 1 preceding
{%- endset %}

with

runs as (

    select
        run_id,
        max(trained_at) as trained_at,
        max(case
            when
                view = 'lifetime'
                and model_name = '{{ champion_model_name() }}'
                and feature_set = '{{ champion_feature_set() }}'
                then 1
            else 0
        end) as can_score
    from {{ ref('scam_models') }}
    group by run_id

),

time_view as (

    select * from {{ ref('scam_model_metrics') }}
    where
        view = 'time'
        and model_name = '{{ champion_model_name() }}'
        and feature_set = '{{ champion_feature_set() }}'
        and split = 'test'
        and subset = 'all'
        and metric_name = 'average_precision'

),

judged as (

    select
        runs.run_id,
        runs.can_score,
        time_view.interval_low,
        time_view.interval_high,
        time_view.positives,
        time_view.examples,
        case when runs.can_score = 1 then time_view.metric_value end
            as average_precision,
        runs.trained_at
    from runs
    left join time_view on runs.run_id = time_view.run_id

),

compared as (

    select
        judged.*,
        coalesce(sum(judged.can_score) over ({{ earlier }}), 0)
            as earlier_runs,
        max(judged.average_precision) over ({{ earlier }})
            as best_earlier_average_precision
    from judged

)

select
    compared.*,
    case
        when compared.can_score = 0 then false
        when compared.earlier_runs = 0 then true
        when compared.average_precision is null then false
        when compared.best_earlier_average_precision is null then true
        else
            compared.average_precision
            > compared.best_earlier_average_precision
    end as is_better
from compared
