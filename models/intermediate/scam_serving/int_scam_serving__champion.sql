with

scam_models as (

    select * from {{ ref('scam_models') }} as models
    where
        models.fit_name = 'lifetime'
        and {{ is_champion_kind('models') }}

),

champion_runs as (

    select run_id from {{ ref('int_scam_serving__promotions') }}
    where decision = 'champion'

)

select scam_models.*
from scam_models
inner join champion_runs on scam_models.run_id = champion_runs.run_id
