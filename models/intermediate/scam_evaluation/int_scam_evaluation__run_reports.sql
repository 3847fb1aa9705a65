{# Written once a run, in the build that trains it: labels change. #}
{{ config(materialized='incremental', full_refresh=false) }}

with

later_reports as (

    select * from {{ ref('int_scam_training__later_reports') }}

),

newest_run as (

    {{ newest_run() }}

)

select
    newest_run.run_id,
    later_reports.fit_name,
    later_reports.address,
    later_reports.is_seen_by_cutoff,
    later_reports.cutoff_at,
    later_reports.first_reported_at,
    later_reports.reports_until
from newest_run
cross join later_reports
{% if is_incremental() %}
where newest_run.run_id not in (select stored.run_id from {{ this }} as stored)
{% endif %}
