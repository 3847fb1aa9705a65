{# The rows of a run never change, so only new runs are ranked. #}
{{ config(materialized='incremental') }}

with

scores as (

    select * from {{ ref('scam_evaluation_scores') }}
    where
        evaluation = 'lead_time'
    {%- if is_incremental() %}
        and run_id not in (select stored.run_id from {{ this }} as stored)
        {%- endif %}

),

reports as (

    select * from {{ ref('int_scam_evaluation__run_reports') }}

),

-- Addresses with the same score stand in the order of a hash.
ranked_scores as (

    select
        *,
        row_number() over (
            partition by run_id, fit_name, model_name, feature_set
            order by score desc, {{ dbt.hash('address') }}
        ) as queue_position,
        count(*) over (
            partition by run_id, fit_name, model_name, feature_set
        ) as queue_addresses
    from scores

)

select
    ranked_scores.run_id,
    ranked_scores.fit_name,
    ranked_scores.model_name,
    ranked_scores.feature_set,
    ranked_scores.address,
    ranked_scores.queue_position,
    ranked_scores.queue_addresses,
    (
        {{ epoch_seconds('reports.first_reported_at') }}
        - {{ epoch_seconds('reports.cutoff_at') }}
    ) / cast(86400 as {{ type_double() }}) as days_ahead,
    ranked_scores.is_scam as is_reported_later
from ranked_scores
left join reports
    on
        ranked_scores.run_id = reports.run_id
        and ranked_scores.fit_name = reports.fit_name
        and ranked_scores.address = reports.address
where
    ranked_scores.queue_position <= 100
    or ranked_scores.is_scam
