import json

import numpy as np
import pandas as pd
import pytest

from support import scam_inputs

KEY = ["run_id", "view", "cutoff", "model_name", "feature_set", "split", "address"]


@pytest.fixture(scope="module")
def scam_evaluation_scores(python_model):
    return python_model("scam_evaluation_scores")


@pytest.fixture(scope="module")
def models(trained_scam_models):
    return trained_scam_models


def test_every_model_scores_the_addresses_of_its_own_view(scam_evaluation_scores, models):
    examples = scam_inputs.evaluation_examples()
    scores = scam_evaluation_scores.score_views(models, examples)
    assert len(scores) == len(examples) * models.groupby(["model_name", "feature_set"]).ngroups
    assert not scores.duplicated(KEY).any()
    assert scores.notna().all(axis=None)
    for column in ("score", "scam_probability"):
        assert scores[column].between(0, 1).all()
    assert set(scores.loc[scores["view"] == "lifetime", "split"]) == {"validation"}


@pytest.mark.parametrize("split", ["test", "validation"])
def test_scores_come_from_the_stored_texts_alone(scam_evaluation_scores, models, split):
    examples = scam_inputs.evaluation_examples()
    scores = scam_evaluation_scores.score_views(models, examples)
    row = models[(models["view"] == "time") & (models["model_name"] == "xgboost")].iloc[0]
    mine = scores.merge(row.to_frame().T[["view", "cutoff", "model_name", "feature_set"]])
    mine = mine[mine["split"] == split].sort_values("address")

    text = row["model"] if split == "test" else json.loads(row["held_out_models"])["1"]
    booster = scam_evaluation_scores.xgb.Booster()
    booster.load_model(bytearray(text, "utf-8"))
    features = json.loads(row["features"])
    inputs = examples[(examples["view"] == "time") & (examples["split"] == split)]
    matrix = scam_evaluation_scores.xgb.DMatrix(
        inputs.sort_values("address")[features].to_numpy(), feature_names=features
    )
    np.testing.assert_allclose(mine["score"], booster.predict(matrix), atol=1e-6)
    calibration = json.loads(row["calibration"])
    log_odds = np.log(mine["score"] / (1 - mine["score"]))
    expected = 1 / (1 + np.exp(-(calibration["slope"] * log_odds + calibration["intercept"])))
    np.testing.assert_allclose(mine["scam_probability"], expected, atol=1e-9)


def test_what_can_score_is_validated_on_all_fifths_and_others_on_their_own(
    scam_evaluation_scores, models
):
    examples = scam_inputs.evaluation_examples()
    lifetime = examples[examples["view"] == "lifetime"]
    lifetime = lifetime.assign(address_fifth=np.arange(len(lifetime)) % 5)
    scores = scam_evaluation_scores.score_views(models, lifetime)
    scores = scores.merge(lifetime[["address", "address_fifth"]], on="address")
    fifths = scores.groupby(["model_name", "feature_set"])["address_fifth"].agg(set)
    scoring = {("xgboost", "all"), ("xgboost", "without_absolute_time")}
    for configuration, seen in fifths.items():
        assert seen == ({0, 1, 2, 3, 4} if configuration in scoring else {1})
    row = models[(models["view"] == "lifetime") & (models["feature_set"] == "all")]
    row = row[row["model_name"] == "xgboost"].iloc[0]
    fitted = scam_evaluation_scores.load_model(row)
    mine = scores[(scores["model_name"] == "xgboost") & (scores["feature_set"] == "all")]
    for fifth, part in mine.groupby("address_fifth"):
        inputs = lifetime.set_index("address").loc[part["address"]]
        matrix = scam_evaluation_scores.feature_matrix(inputs, fitted["features"], "A test")
        margin = scam_evaluation_scores.margins(fitted["held_out"][fifth], matrix)
        assert (part["score"] == scam_evaluation_scores.sigmoid(margin)).all()


def test_views_without_examples_add_no_rows(scam_evaluation_scores, models):
    examples = scam_inputs.evaluation_examples()
    assert scam_evaluation_scores.score_views(models, examples[:0]).empty
    random_only = examples[examples["view"] == "random"]
    scores = scam_evaluation_scores.score_views(models, random_only)
    assert set(scores["view"]) == {"random"}


@pytest.mark.parametrize(
    ("column", "damage"),
    [
        ("model", lambda text: text[: len(text) // 2]),
        ("model", lambda text: ""),
        ("model", lambda text: text.replace("1", "2", 1)),
        ("features", lambda text: text.replace("in_degree", "IN_DEGREE", 1)),
        ("calibration", lambda text: "{}"),
        ("model_format", lambda text: "pickle"),
        ("model", lambda text: None),
        ("parameters", lambda text: "not JSON"),
        ("parameters", lambda text: "{}"),
    ],
)
def test_a_damaged_row_is_refused_with_its_run_and_what_to_do(
    scam_evaluation_scores, models, column, damage
):
    for model_name in ("xgboost", "logistic_regression", "random_forest", "extra_trees"):
        row = models[models["model_name"] == model_name].iloc[0].to_dict()
        row[column] = damage(row[column])
        with pytest.raises(ValueError, match=f"run {row['run_id']}.*Delete the rows.*train again"):
            scam_evaluation_scores.load_model(row)


@pytest.mark.parametrize("damaged", [None, "{}", "{"])
def test_damaged_held_out_models_are_refused_too(scam_evaluation_scores, models, damaged):
    row = {**models.iloc[0].to_dict(), "held_out_models": damaged}
    with pytest.raises(ValueError, match=f"run {row['run_id']}.*do not match their digest"):
        scam_evaluation_scores.score_view(row, scam_inputs.evaluation_examples())


@pytest.mark.parametrize("model_name", ["xgboost", "logistic_regression", "random_forest"])
def test_a_model_of_other_features_than_the_row_lists_is_refused(
    scam_evaluation_scores, models, model_name
):
    row = models[models["model_name"] == model_name].iloc[0].to_dict()
    row["features"] = json.dumps(json.loads(row["features"])[:-1])
    row["parameters"] = json.dumps({"scoring_sha256": scam_evaluation_scores.scoring_digest(row)})
    with pytest.raises(ValueError, match=f"run {row['run_id']}.*fitted on other features"):
        scam_evaluation_scores.load_model(row)


def test_a_feature_the_tables_no_longer_have_is_named(scam_evaluation_scores, models):
    examples = scam_inputs.evaluation_examples().drop(columns="burstiness")
    run_id = models["run_id"].iloc[0]
    with pytest.raises(ValueError, match=f"run {run_id} needs features .*burstiness.*train again"):
        scam_evaluation_scores.score_views(models, examples)


def test_infinite_and_unknown_features_are_scored_alike(scam_evaluation_scores):
    frame = pd.DataFrame({"a": [np.inf, -np.inf, np.nan, 1.0]})
    matrix = scam_evaluation_scores.feature_matrix(frame, ["a"], "A test")
    assert np.isnan(matrix[:3]).all()
    assert matrix[3, 0] == 1.0


def test_only_a_new_run_is_scored_and_older_rows_stay(scam_evaluation_scores, models, warehouse):
    warehouse.write("int_scam_evaluation__examples", scam_inputs.evaluation_examples())
    warehouse.write("scam_models", models[:0])
    assert warehouse.run(scam_evaluation_scores).empty
    empty_types = warehouse.types("scam_evaluation_scores")
    assert empty_types["is_scam"] == "BOOLEAN"
    assert empty_types["score"] == "DOUBLE"

    warehouse.write("scam_models", models)
    first = warehouse.run(scam_evaluation_scores)
    assert len(first) > 0
    assert warehouse.types("scam_evaluation_scores") == empty_types
    assert warehouse.run(scam_evaluation_scores).empty

    newer = models.assign(run_id="f" * 16, trained_at=models["trained_at"] + pd.Timedelta("1h"))
    warehouse.write("scam_models", pd.concat([models, newer]))
    second = warehouse.run(scam_evaluation_scores)
    assert set(second["run_id"]) == {"f" * 16}
    assert len(warehouse.read("scam_evaluation_scores")) == len(first) + len(second)
