{%- set pinned_run_id = setting('champion_run_id') %}
{%- set is_chosen = "scam_models.run_id = '" ~ pinned_run_id ~ "'"
    if pinned_run_id else 'trials.is_promoted' %}

with

scam_models as (

    select * from {{ ref('scam_models') }}
    where fit_name = 'lifetime' and {{ is_champion_kind() }}

),

trials as (

    select * from {{ ref('int_scam_evaluation__trials') }}

)

-- The pinned run, else the last one promoted.
select scam_models.*
from scam_models
left join trials on scam_models.run_id = trials.run_id
where {{ is_chosen }}
qualify
    row_number() over (
        order by scam_models.trained_at desc, scam_models.run_id desc
    ) = 1
