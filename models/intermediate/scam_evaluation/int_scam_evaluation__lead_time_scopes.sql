with

run_evaluations as (

    select * from {{ ref('int_scam_evaluation__run_evaluations') }}
    where evaluation = 'lead_time'

)

select
    run_id,
    fit_name as scope_name,
    fit_name,
    unlabelled_sample_percent,
    cutoff_at,
    cutoff_at as scope_cutoff_at
from run_evaluations

union all

select
    run_id,
    'all_cutoffs' as scope_name,
    fit_name,
    unlabelled_sample_percent,
    cutoff_at,
    cast(null as {{ dbt.type_timestamp() }}) as scope_cutoff_at
from run_evaluations
