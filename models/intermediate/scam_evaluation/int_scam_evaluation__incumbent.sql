{#
    What the newest run has to beat, before the run has a trial of its own: the
    pinned run, else the last one promoted. Trials are read outside the lineage,
    because a trial is the end of what begins here.
#}
{%- set trials = built_relation('int_scam_evaluation__trials') %}
{%- set pinned_run_id = setting('champion_run_id') %}

with

scam_models as (

    select * from {{ ref('scam_models') }}
    where {{ is_champion_kind() }}

),

newest_run as (

    {{ newest_run() }}

),

-- A run whose models were deleted, because they were damaged, no longer counts.
promoted_runs as (
    {% if trials %}
    select
        scam_models.run_id,
        {% if pinned_run_id -%}
        scam_models.run_id = '{{ pinned_run_id }}' as is_pinned,
        {% else -%}
        false as is_pinned,
        {% endif -%}
        coalesce(trials.is_promoted, false) as is_promoted,
        scam_models.trained_at
    from scam_models
    left join {{ trials }} as trials on scam_models.run_id = trials.run_id
    left join newest_run on scam_models.run_id = newest_run.run_id
    where scam_models.fit_name = 'lifetime' and newest_run.run_id is null
    {% else %}
    select
        run_id,
        false as is_pinned,
        false as is_promoted,
        trained_at
    from newest_run
    where false
    {% endif %}
),

incumbents as (

    select run_id
    from promoted_runs
    where is_promoted or is_pinned
    qualify
        row_number() over (
            order by is_pinned desc, trained_at desc, run_id desc
        ) = 1

)

-- The model of the time before its cutoff stands for the run: the one that
-- scores addresses was fitted on the slice. NULL where the run has none.
select
    incumbents.run_id,
    scam_models.model_name,
    scam_models.feature_set,
    scam_models.features,
    scam_models.parameters,
    scam_models.calibration,
    scam_models.model_format,
    scam_models.model,
    scam_models.held_out_models,
    scam_models.window_end
from incumbents
left join scam_models
    on
        incumbents.run_id = scam_models.run_id
        and scam_models.fit_name = 'past'
