-- As soon as a run can score there is one champion. None: the var
-- champion_run_id names a run that does not exist or has no lifetime model.
with

runs as (

    select count(distinct run_id) as runs_that_can_score
    from {{ ref('scam_models') }}
    where fit_name = 'lifetime' and {{ is_champion_kind() }}

),

champions as (

    select count(*) as champions
    from {{ ref('int_scam_serving__champion') }}

)

select
    runs.runs_that_can_score,
    champions.champions
from runs
cross join champions
where
    runs.runs_that_can_score > 0
    and champions.champions <> 1
