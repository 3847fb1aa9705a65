import copy
import json

import numpy as np
import pandas as pd
import pytest
import scam_inputs
import xgboost as xgb
from oracle import DICTIONARY_COLUMNS
from scipy.optimize import minimize
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

KEY = ["view", "cutoff", "model_name", "feature_set"]


@pytest.fixture(scope="module")
def scam_models(python_model):
    """The module with a search that takes no time."""
    module = python_model("scam_models")
    quick = copy.deepcopy(module.SEARCHES["quick"])
    quick |= {"folds": 2, "rounds": [5, 10]}
    module.SEARCHES["quick"] = quick
    return module


@pytest.fixture(scope="module")
def examples():
    return scam_inputs.training_examples()


@pytest.fixture(scope="module")
def trained(scam_models, examples):
    rows = scam_models.train(examples, scam_inputs.VIEWS, "quick", set())
    return scam_models.typed(rows, scam_models.COLUMNS)


def test_every_view_has_a_row_for_every_configuration(scam_models, trained):
    assert len(trained) == len(scam_inputs.VIEWS) * len(scam_models.CONFIGURATIONS)
    assert not trained.duplicated(KEY).any()
    assert trained.notna().all(axis=None)
    assert trained["run_id"].nunique() == 1
    assert trained["run_id"].str.fullmatch("[0-9a-f]{16}").all()


def test_views_with_the_same_fit_share_its_model(trained):
    texts = trained.set_index(KEY)["model"].unstack(["view", "cutoff"]).droplevel(1, axis=1)
    assert (texts["random"] == texts["external"]).all()
    assert (texts["time"] == texts["time_to_date"]).all()
    assert (texts["random"] != texts["lifetime"]).all()


def test_the_same_examples_in_another_order_are_the_same_run(scam_models, examples, trained):
    shuffled = examples.sample(frac=1, random_state=1)
    rows = scam_models.train(shuffled, scam_inputs.VIEWS[::-1], "quick", set())
    again = scam_models.typed(rows, scam_models.COLUMNS)
    pd.testing.assert_frame_equal(
        again.drop(columns="trained_at"), trained.drop(columns="trained_at")
    )


def test_a_known_run_is_not_trained_again(scam_models, examples, trained, capsys):
    known = {trained["run_id"].iloc[0]}
    assert scam_models.train(examples, scam_inputs.VIEWS, "quick", known) == []
    assert "already stored" in capsys.readouterr().out


def test_the_fingerprint_sees_integers_text_and_labels_but_no_floats(scam_models, examples):
    def changed(column, value):
        altered = examples.copy()
        altered.loc[3, column] = value
        return scam_models.fingerprint(altered) != scam_models.fingerprint(examples)

    assert changed("in_degree", 1234567)
    assert changed("is_scam", not examples.loc[3, "is_scam"])
    assert changed("split", "moved")
    assert changed("labels_known_at", pd.Timestamp("2017-10-02"))
    assert not changed("avg_amount_incoming", examples.loc[3, "avg_amount_incoming"] * (1 + 1e-15))


def test_nullable_and_plain_columns_have_the_same_fingerprint(scam_models, examples):
    nullable = examples.astype({"in_degree": "Int64", "is_scam": "boolean", "address": "string"})
    assert scam_models.fingerprint(nullable) == scam_models.fingerprint(examples)


def test_validation_addresses_decide_the_calibration_and_nothing_else(scam_models, examples):
    fit = examples[examples["fit_name"] == "random"]
    altered = fit.copy()
    held_out = altered["split"] == "validation"
    altered.loc[held_out, "is_scam"] = ~altered.loc[held_out, "is_scam"]
    for model_name, feature_set in scam_models.CONFIGURATIONS:
        one = scam_models.train_fit(fit, model_name, feature_set, "quick")
        other = scam_models.train_fit(altered, model_name, feature_set, "quick")
        assert one["model"] == other["model"]
        assert one["calibration"] != other["calibration"]


@pytest.mark.parametrize("problem", ["no examples", "no scams", "only scams"])
def test_a_fit_that_cannot_be_trained_is_skipped_and_said(scam_models, examples, problem, capsys):
    time = examples["fit_name"] == "time"
    some = examples.copy()
    if problem == "no examples":
        some = some[~time]
    else:
        some.loc[time, "is_scam"] = problem == "only scams"
    rows = scam_models.train(some, scam_inputs.VIEWS, "quick", set())
    assert {row["fit_name"] for row in rows} == {"random", "lifetime"}
    assert "fit time is skipped" in capsys.readouterr().out


def test_a_single_scam_is_trained_on_without_folds(scam_models, examples):
    fit = examples[examples["fit_name"] == "time"].reset_index(drop=True)
    fit["is_scam"] = fit.index == 1
    for model_name, feature_set in scam_models.CONFIGURATIONS:
        row = scam_models.train_fit(fit, model_name, feature_set, "quick")
        assert "too few scams" in json.loads(row["parameters"])["chosen_by"]
        assert json.loads(row["calibration"])["method"] == "identity"


def test_an_unknown_search_is_refused(scam_models, examples):
    with pytest.raises(ValueError, match="must be quick or full"):
        scam_models.train(examples, scam_inputs.VIEWS, "thorough", set())


def test_the_full_search_draws_the_same_candidates_every_time(scam_models):
    full = scam_models.SEARCHES["full"]
    drawn = scam_models.candidates(full["xgboost"], full["sample"])
    assert len(drawn) == full["sample"]
    assert drawn == scam_models.candidates(full["xgboost"], full["sample"])


def test_feature_sets_hold_the_dictionary_and_no_label(scam_models):
    assert set(scam_models.FEATURE_SETS["dictionary"]) == set(DICTIONARY_COLUMNS)
    left_out = set(scam_models.ABSOLUTE_TIME + scam_models.ALIASES)
    assert (
        set(scam_models.FEATURE_SETS["without_absolute_time"]) == set(DICTIONARY_COLUMNS) - left_out
    )


def test_folds_follow_the_address_and_share_out_the_scams(scam_models):
    addresses = pd.Series([f"0x{number:040x}" for number in range(60)])
    labels = np.arange(60) % 10 == 0
    fold_of = scam_models.assign_folds(addresses, labels, 3)
    assert [np.bincount(fold_of[group]).tolist() for group in (labels, ~labels)] == [
        [2, 2, 2],
        [18, 18, 18],
    ]
    backwards = scam_models.assign_folds(addresses[::-1], labels[::-1], 3)
    assert (backwards[::-1] == fold_of).all()


def test_the_logistic_regression_from_json_equals_scikit_learn(scam_models, examples):
    features = scam_models.FEATURE_SETS["dictionary"]
    matrix = scam_models.feature_matrix(examples, features, "A test")
    matrix[::7, 3] = np.nan
    labels = examples["is_scam"].to_numpy()
    text = scam_models.fit_logistic(matrix, labels, {"inverse_penalty": 0.1, "class_weight": None})
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        FunctionTransformer(lambda values: np.sign(values) * np.log1p(np.abs(values))),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=5000),
    ).fit(matrix, labels)
    ours = scam_models.margins({"coefficients": json.loads(text)}, matrix)
    np.testing.assert_allclose(ours, pipeline.decision_function(matrix), rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        scam_models.sigmoid(ours), pipeline.predict_proba(matrix)[:, 1], rtol=0, atol=1e-9
    )


def test_the_trees_from_json_predict_exactly_what_was_trained(scam_models, examples, trained):
    row = trained[(trained["view"] == "random") & (trained["model_name"] == "xgboost")].iloc[0]
    features = scam_models.FEATURE_SETS[row["feature_set"]]
    fit = examples[(examples["fit_name"] == "random") & (examples["split"] == "train")]
    fit = fit.sort_values("address")
    labels = fit["is_scam"].to_numpy()
    matrix = scam_models.feature_matrix(fit, features, "A test")
    parameters = json.loads(row["parameters"])
    booster = xgb.train(
        scam_models.xgboost_parameters(parameters, labels),
        scam_models.to_dmatrix(matrix, features, labels),
        parameters["rounds"],
    )
    fitted = scam_models.load_model(row)
    expected = booster.predict(scam_models.to_dmatrix(matrix, features), output_margin=True)
    assert (scam_models.margins(fitted, matrix) == expected).all()


def simulated_margins(rows, share):
    random = np.random.default_rng(5)
    labels = random.random(rows) < share
    return random.normal(labels * 2.0 - 1.0, 1.5), labels


def test_platt_finds_the_most_likely_slope_and_intercept(scam_models):
    margin, labels = simulated_margins(300, 0.1)
    calibration = scam_models.fit_calibration(margin, labels)
    positives, negatives = labels.sum(), (~labels).sum()
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(slope_and_intercept):
        logit = slope_and_intercept[0] * margin + slope_and_intercept[1]
        return np.sum(np.logaddexp(0, logit) - target * logit)

    expected = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-7}).x
    assert calibration["method"] == "platt"
    assert [calibration["slope"], calibration["intercept"]] == pytest.approx(expected, abs=1e-4)


def test_isotonic_calibration_is_used_with_many_scams_and_never_says_certain(scam_models):
    margin, labels = simulated_margins(2000, 0.3)
    calibration = json.loads(json.dumps(scam_models.fit_calibration(margin, labels)))
    probability = scam_models.calibrated(calibration, np.linspace(-50, 50, 1001))
    assert calibration["method"] == "isotonic"
    assert (np.diff(probability) >= 0).all()
    assert 0 < probability.min() < probability.max() < 1
    assert scam_models.calibrated(calibration, margin).mean() == pytest.approx(
        labels.mean(), abs=0.01
    )


def test_with_few_scams_or_a_wrong_ranking_probabilities_stay_and_the_reason_is_kept(scam_models):
    margin, labels = simulated_margins(300, 0.1)
    few = scam_models.fit_calibration(margin, np.arange(300) < 4)
    wrong = scam_models.fit_calibration(-margin, labels)
    none = scam_models.fit_calibration(margin[:0], labels[:0])
    for calibration in (few, wrong, none):
        assert calibration["method"] == "identity"
        assert calibration["reason"]
        probability = scam_models.calibrated(calibration, margin)
        np.testing.assert_allclose(probability, 1 / (1 + np.exp(-margin)), atol=1e-12)


def test_an_empty_chain_makes_an_empty_table_that_the_next_run_can_fill(
    scam_models, examples, warehouse, capsys
):
    warehouse.write("int_scam_training_examples", examples[:0])
    warehouse.write("int_scam_views", scam_inputs.VIEWS[:0])
    assert warehouse.run(scam_models).empty
    assert "LABEL_DATA" in capsys.readouterr().out
    empty_types = warehouse.types("scam_models")
    assert empty_types["model"] == "VARCHAR"
    assert empty_types["trained_at"] == "TIMESTAMP"
    assert empty_types["training_rows"] == "BIGINT"

    warehouse.write("int_scam_training_examples", examples)
    warehouse.write("int_scam_views", scam_inputs.VIEWS)
    made = warehouse.run(scam_models)
    assert len(warehouse.read("scam_models")) == len(made) == 20
    assert warehouse.types("scam_models") == empty_types
    stored = warehouse.read("scam_models")

    assert warehouse.run(scam_models).empty
    pd.testing.assert_frame_equal(warehouse.read("scam_models"), stored)
