{{ config(store_failures=true) }}

-- An address that the fit of the newest run was trained on is scored by the
-- model that was fitted without its fifth, in every evaluation. Rules have no
-- fit, and the incumbent is another run.
with

newest_run as (

    {{ newest_run() }}

),

scores as (

    select scores.*
    from {{ ref('scam_evaluation_scores') }} as scores
    inner join newest_run on scores.run_id = newest_run.run_id
    inner join {{ ref('scam_models') }} as models
        on
            scores.run_id = models.run_id
            and scores.fit_name = models.fit_name
            and scores.model_name = models.model_name
            and scores.feature_set = models.feature_set

),

training_addresses as (

    select * from {{ ref('int_scam_training__addresses') }}

)

select
    scores.evaluation,
    scores.fit_name,
    scores.model_name,
    scores.feature_set,
    scores.address
from scores
inner join training_addresses
    on
        scores.fit_name = training_addresses.fit_name
        and scores.address = training_addresses.address
where not scores.is_held_out
