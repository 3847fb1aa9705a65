{{ config(materialized='view', tags=['train']) }}

with

run_times as (

    select
        run_id,
        max(trained_at) as trained_at
    from {{ ref('scam_models') }}
    group by run_id

)

select
    run_id,
    trained_at
from run_times
where true
qualify row_number() over (order by trained_at desc, run_id desc) = 1
