select
    models.run_id,
    models.model_name,
    models.feature_set,
    models.fit_name,
    models.window_start,
    models.window_end,
    models.training_rows,
    models.training_positives,
    models.library_versions,
    models.trained_at,
    promotions.decision,
    promotions.reason
from {marts}.scam_models as models
inner join {marts}.scam_model_promotions as promotions
    on models.run_id = promotions.run_id
where
    models.run_id = @run_id
    and models.fit_name = 'lifetime'
    and models.model_name = @model_name
    and models.feature_set = @feature_set
