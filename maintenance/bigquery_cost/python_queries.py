"""What the Python models read, as the SQL that BigQuery DataFrames sends for them.

dbt sends their code to a notebook, so their queries are not among the statements of a build. A
test compares them with what the models' code asks for.
"""

# Queries by model. {name} is the relation of another model, {this} the model's own; run_1 stands
# for a run's identifier.
PYTHON_QUERIES = {
    "investor_profile_models": [
        "select * from {int_investor_profiles__sample}",
        "select distinct run_id, recipe, algorithm, clusters, is_selected, trained_at from {this}",
    ],
    # A profile model reads at most the five features that recipes use.
    "investor_profile_assignments": [
        "select run_id, algorithm, clusters, parameters, trained_at"
        " from (select * from {investor_profile_models}) as m where is_selected",
        "select inputs.* from"
        " (select address, features_fingerprint, ether_balance, unique_tokens, unique_transfers,"
        " active_days, incoming_share"
        " from (select * from {int_investor_profiles__features}) as f where read_group = 1)"
        " as inputs"
        " left join (select * from {this} where run_id = 'run_1') as done"
        " on inputs.address = done.address"
        " and inputs.features_fingerprint = done.features_fingerprint"
        " where done.address is null"
        " order by md5(inputs.address), inputs.address limit 1000000",
    ],
    "scam_models": [
        "select * from {int_scam_training__examples}",
        "select * from {int_scam_training__evaluations}",
        "select * from {features}",
        "select count(distinct address) as scams, min(reported_at) as first_reported_at,"
        " count(*) - count(reported_at) as labels_without_report_time"
        " from (select * from {int_addresses__labels}) as labels"
        " where label_kind = 'scam' and usage = 'training'",
        "select distinct run_id, trained_at from {this}",
    ],
    "scam_evaluation_scores": [
        "select distinct run_id from {this}",
        "select distinct run_id, trained_at from (select * from {scam_models}) as m",
        "select * from (select * from {scam_models}) as m where run_id = 'run_1'",
        "select * from {int_scam_evaluation__incumbent}",
        "select * from {int_scam_evaluation__examples}",
    ],
    "scam_raw_scores": [
        "select * from {int_scam_serving__champion}",
        "select inputs.* from"
        " (select * from (select * from {int_scam_serving__inputs}) as every_input"
        " where read_group = 1) as inputs inner join ("
        "select inputs.* from"
        " (select * from (select * from {int_scam_serving__inputs}) as every_input"
        " where read_group = 1) as inputs"
        " left join (select * from {this} where run_id = 'run_1') as done"
        " on inputs.address = done.address"
        " and inputs.features_fingerprint = done.features_fingerprint"
        " where done.address is null"
        " order by inputs.sample_bucket, inputs.address limit 1000000"
        ") as changed on inputs.address = changed.address",
    ],
    "scam_explanations": [
        "select * from {int_scam_serving__champion}",
        "select inputs.* from (select * from {int_scam_serving__explanation_inputs}) as inputs"
        " left join (select * from {this} where run_id = 'run_1') as done"
        " on inputs.address = done.address"
        " and inputs.features_fingerprint = done.features_fingerprint"
        " where done.address is null"
        " order by inputs.explanation_rank limit 20000",
    ],
}
