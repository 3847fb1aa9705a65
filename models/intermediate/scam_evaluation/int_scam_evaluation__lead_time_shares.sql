with

shares as (

    select * from {{ ref('int_scam_evaluation__lead_time_precisions') }}

    union all

    select * from {{ ref('int_scam_evaluation__lead_time_recalls') }}

)

select
    run_id,
    model_name,
    feature_set,
    scope_name,
    figure,
    trials,
    cast(successes as {{ type_double() }}) / trials as figure_value,
    {{ wilson_low('successes', 'trials') }} as interval_low,
    {{ wilson_high('successes', 'trials') }} as interval_high,
    random_value
from shares
