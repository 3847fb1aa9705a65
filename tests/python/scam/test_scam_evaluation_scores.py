import json

import numpy as np
import pandas as pd
import pytest

from support import scam_inputs

KEY = ["run_id", "evaluation", "fit_name", "model_name", "feature_set", "address"]
MODEL_NAMES = ["xgboost", "logistic_regression", "random_forest", "shuffled_labels"]


@pytest.fixture(scope="module")
def scam_evaluation_scores(python_model):
    return python_model("scam_evaluation_scores")


@pytest.fixture(scope="module")
def models(trained_scam_models):
    return trained_scam_models


@pytest.fixture(scope="module")
def examples():
    return scam_inputs.evaluation_examples()


@pytest.fixture(scope="module")
def of_past(models, examples):
    """Models and examples of the evaluation in which the incumbent is scored, and no other."""
    return models[models["fit_name"] == "past"], examples[examples["evaluation"] == "future"]


@pytest.fixture(scope="module")
def scores(scam_evaluation_scores, models, examples):
    return scam_evaluation_scores.score_run(models, scam_inputs.incumbent(), examples)


def of_the_future(scores):
    """The scores that the models of `of_past` have when all are scored."""
    return scores[scores["evaluation"] == "future"].reset_index(drop=True)


def row_of(models, fit_name="past", model_name="xgboost", feature_set="all"):
    """The row of one model."""
    key = ["fit_name", "model_name", "feature_set"]
    return models.set_index(key, drop=False).loc[(fit_name, model_name, feature_set)].to_dict()


def scored(scores, evaluation, model_name="xgboost", feature_set="all"):
    """The scores of one model in one evaluation, by address."""
    is_asked = (scores["evaluation"] == evaluation) & (scores["model_name"] == model_name)
    return scores[is_asked & (scores["feature_set"] == feature_set)].set_index("address")


def test_every_model_and_rule_scores_the_addresses_of_its_evaluations(scores, models, examples):
    per_fit = models.groupby("fit_name").size() + 1  # and the rule
    expected = (examples.groupby("fit_name").size() * per_fit).sum()
    assert len(scores) == expected
    assert not scores.duplicated(KEY).any()
    assert scores.drop(columns="scam_probability").notna().all(axis=None)
    assert (scores["scam_probability"].isna() == (scores["model_name"] == "one_hop_rule")).all()
    for column in ("score", "scam_probability"):
        assert scores[column].dropna().between(0, 1).all()
    pairs = set(zip(scores["evaluation"], scores["fit_name"], strict=True))
    assert pairs == set(zip(examples["evaluation"], examples["fit_name"], strict=True))


def test_the_rule_ranks_by_the_share_of_known_scams_and_has_no_fit(scores, examples):
    rule = scored(scores, "future", "one_hop_rule", "scam_counterparty_share")
    tested = examples[examples["evaluation"] == "future"].set_index("address")
    assert (rule["score"] == tested["scam_counterparty_share"]).all()
    assert not rule["is_held_out"].any()


@pytest.mark.parametrize("is_trained_on", [False, True])
def test_scores_come_from_the_stored_texts_alone(
    scam_evaluation_scores, scores, models, examples, is_trained_on
):
    row = row_of(models)
    mine = scored(scores, "future")
    inputs = examples[examples["evaluation"] == "future"].set_index("address")
    inputs = inputs[inputs["is_trained_on"] == is_trained_on]
    assert len(inputs) == 30
    features = json.loads(row["features"])
    calibration = json.loads(row["calibration"])
    for fifth, part in inputs.groupby("address_fifth"):
        text = json.loads(row["held_out_models"])[str(fifth)] if is_trained_on else row["model"]
        booster = scam_evaluation_scores.xgb.Booster()
        booster.load_model(bytearray(text, "utf-8"))
        matrix = scam_evaluation_scores.xgb.DMatrix(
            part[features].to_numpy(), feature_names=features
        )
        found = mine.loc[part.index]
        np.testing.assert_allclose(found["score"], booster.predict(matrix), atol=1e-6)
        log_odds = np.log(found["score"] / (1 - found["score"]))
        expected = 1 / (1 + np.exp(-(calibration["slope"] * log_odds + calibration["intercept"])))
        np.testing.assert_allclose(found["scam_probability"], expected, atol=1e-9)
        assert (found["is_held_out"] == is_trained_on).all()


def test_scores_do_not_depend_on_how_many_models_score_side_by_side(
    scam_evaluation_scores, scores, models, examples, monkeypatch
):
    for cores in (1, 5):
        monkeypatch.setattr(scam_evaluation_scores, "free_cores", lambda cores=cores: cores)
        again = scam_evaluation_scores.score_run(models, scam_inputs.incumbent(), examples)
        pd.testing.assert_frame_equal(again, scores, check_exact=True)


def test_the_size_of_an_address_is_stored_with_its_score(scores, examples):
    tested = examples[examples["evaluation"] == "deployed"].set_index("address")
    found = scored(scores, "deployed")
    assert (found["value_received_wei"] == tested["total_amount_incoming"]).all()
    assert (found["event_count"] == tested["tx_count"]).all()


def test_evaluations_without_examples_or_models_add_no_rows(
    scam_evaluation_scores, models, examples
):
    none = scam_inputs.incumbent()
    assert scam_evaluation_scores.score_run(models, none, examples[:0]).empty
    random_only = examples[examples["evaluation"] == "random"]
    found = scam_evaluation_scores.score_run(models, none, random_only)
    assert set(found["evaluation"]) == {"random"}
    without_past = models[models["fit_name"] != "past"]
    found = scam_evaluation_scores.score_run(without_past, none, examples)
    assert set(found["fit_name"]) == {"lifetime", "random"}
    assert scam_evaluation_scores.score_run(models[:0], none, examples).empty


def test_the_incumbent_is_scored_on_the_slice_under_the_new_run(
    scam_evaluation_scores, models, examples
):
    earlier = scam_inputs.incumbent(models.assign(run_id="e" * 16))
    found = scam_evaluation_scores.score_run(models, earlier, examples)
    compared = found[found["model_name"] == "incumbent"]
    assert set(compared["run_id"]) == {models["run_id"].iloc[0]}
    assert set(compared["evaluation"]) == {"future"}
    # It is the same model, and saw the same addresses before its window ended.
    own = scored(found, "future")
    theirs = scored(found, "future", "incumbent")
    pd.testing.assert_frame_equal(theirs.drop(columns="model_name"), own.drop(columns="model_name"))


def test_the_incumbent_may_have_been_trained_on_whoever_was_seen_before_its_window_ended(
    scam_evaluation_scores, models, of_past
):
    for window_end, is_known in [
        (scam_inputs.CUTOFF - pd.Timedelta("1s"), 0),
        (scam_inputs.CUTOFF, 30),
        (scam_inputs.CUTOFF + pd.Timedelta("1s"), 60),
    ]:
        earlier = scam_inputs.incumbent(models).assign(window_end=window_end)
        found = scam_evaluation_scores.score_run(of_past[0], earlier, of_past[1])
        assert scored(found, "future", "incumbent")["is_held_out"].sum() == is_known


@pytest.mark.parametrize(
    "damage",
    [
        {"model": "{}"},
        {"held_out_models": None},
        {"calibration": "not JSON"},
        {"features": '["a"]'},
        {"parameters": "{}"},
    ],
)
def test_a_damaged_incumbent_is_said_and_stops_nothing(
    scam_evaluation_scores, models, of_past, scores, damage, capsys
):
    earlier = scam_inputs.incumbent(models).assign(run_id="e" * 16, **damage)
    found = scam_evaluation_scores.score_run(of_past[0], earlier, of_past[1])
    pd.testing.assert_frame_equal(found, of_the_future(scores))
    assert "the incumbent cannot be compared with. The stored model of run eee" in (
        capsys.readouterr().out
    )


def test_an_incumbent_without_a_past_model_is_left_out(scam_evaluation_scores, of_past, scores):
    columns = scam_inputs.incumbent().columns
    earlier = pd.DataFrame([{"run_id": "e" * 16}], columns=columns)
    found = scam_evaluation_scores.score_run(of_past[0], earlier, of_past[1])
    pd.testing.assert_frame_equal(found, of_the_future(scores))


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
        ("held_out_models", lambda text: None),
        ("held_out_models", lambda text: "{}"),
        ("held_out_models", lambda text: "{"),
        ("parameters", lambda text: "not JSON"),
        ("parameters", lambda text: "{}"),
    ],
)
def test_a_damaged_row_is_refused_with_its_run_and_what_to_do(
    scam_evaluation_scores, models, column, damage
):
    for model_name in MODEL_NAMES:
        row = row_of(models, model_name=model_name)
        row[column] = damage(row[column])
        with pytest.raises(ValueError, match=f"run {row['run_id']}.*Delete the rows.*train again"):
            scam_evaluation_scores.load_model(row)


@pytest.mark.parametrize("model_name", MODEL_NAMES)
def test_a_model_of_other_features_than_the_row_lists_is_refused(
    scam_evaluation_scores, models, model_name
):
    row = row_of(models, model_name=model_name)
    row["features"] = json.dumps(json.loads(row["features"])[:-1])
    row["parameters"] = json.dumps({"scoring_sha256": scam_evaluation_scores.scoring_digest(row)})
    with pytest.raises(ValueError, match=f"run {row['run_id']}.*fitted on other features"):
        scam_evaluation_scores.load_model(row)


def test_a_feature_the_tables_no_longer_have_is_named(scam_evaluation_scores, models, examples):
    run_id = models["run_id"].iloc[0]
    with pytest.raises(ValueError, match=f"run {run_id} needs features .*burstiness.*train again"):
        scam_evaluation_scores.score_run(
            models, scam_inputs.incumbent(), examples.drop(columns="burstiness")
        )


def test_infinite_and_unknown_features_are_scored_alike(scam_evaluation_scores):
    frame = pd.DataFrame({"a": [np.inf, -np.inf, np.nan, 1.0]})
    matrix = scam_evaluation_scores.feature_matrix(frame, ["a"], "A test")
    assert np.isnan(matrix[:3]).all()
    assert matrix[3, 0] == 1.0


def test_only_a_new_run_is_scored_and_older_rows_stay(
    scam_evaluation_scores, models, examples, warehouse
):
    warehouse.write("int_scam_evaluation__examples", examples)
    warehouse.write("int_scam_evaluation__incumbent", scam_inputs.incumbent())
    warehouse.write("scam_models", models[:0])
    assert warehouse.run(scam_evaluation_scores).empty
    empty_types = warehouse.types("scam_evaluation_scores")
    assert empty_types["is_scam"] == empty_types["is_held_out"] == "BOOLEAN"
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
