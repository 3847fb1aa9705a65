{%- set pinned_run_id = var('champion_run_id') %}

with

scam_models as (

    select * from {{ ref('scam_models') }} as models
    where
        models.fit_name = 'lifetime'
        and {{ is_champion_kind('models') }}

),

trials as (

    select * from {{ ref('int_scam_evaluation__trials') }}

)

-- The pinned run, else the last one promoted.
select scam_models.*
from scam_models
left join trials on scam_models.run_id = trials.run_id
where
    {% if pinned_run_id -%}
    scam_models.run_id = '{{ pinned_run_id }}'
    {%- else -%}
    trials.is_promoted
    {%- endif %}
qualify
    row_number() over (
        order by scam_models.trained_at desc, scam_models.run_id desc
    ) = 1
