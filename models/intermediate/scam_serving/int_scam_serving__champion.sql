with

scam_models as (

    select * from {{ ref('scam_models') }}
    where
        view = 'lifetime'
        and model_name = '{{ champion_model_name() }}'
        and feature_set in (
            {% for feature_set in champion_feature_sets() -%}
            '{{ feature_set }}'{{ ', ' if not loop.last }}
            {%- endfor %}
        )
    -- The best feature set a run has.
    qualify
        row_number() over (
            partition by run_id
            order by
                case feature_set
                    {%- for feature_set in champion_feature_sets() %}
                    when '{{ feature_set }}' then {{ loop.index }}
                    {%- endfor %}
                end
        ) = 1

),

champion_runs as (

    select run_id from {{ ref('scam_model_promotions') }}
    where decision = 'champion'

)

select
    scam_models.run_id,
    scam_models.view,
    scam_models.cutoff,
    scam_models.model_name,
    scam_models.feature_set,
    scam_models.fit_name,
    scam_models.train_window_name,
    scam_models.features,
    scam_models.parameters,
    scam_models.calibration,
    scam_models.model_format,
    scam_models.model,
    scam_models.held_out_models,
    scam_models.training_fingerprint,
    scam_models.library_versions,

    scam_models.training_rows,
    scam_models.training_positives,
    scam_models.validation_rows,
    scam_models.validation_positives,
    scam_models.seed,

    scam_models.window_start,
    scam_models.window_end,
    scam_models.labels_known_at,
    scam_models.trained_at
from scam_models
inner join champion_runs on scam_models.run_id = champion_runs.run_id
