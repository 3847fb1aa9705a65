import json
import re
from dataclasses import replace

import jinja2
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from scipy.optimize import minimize
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from support import PROJECT_DIRECTORY, scam_inputs
from support.oracle import DICTIONARY_COLUMNS

KEY = ["view", "cutoff", "model_name", "feature_set"]


@pytest.fixture(scope="module")
def scam_models(python_model):
    """The module with a search that takes no time."""
    module = python_model("scam_models")
    scam_inputs.hurry(module)
    return module


def train(scam_models, examples, views=scam_inputs.VIEWS, percent=100, **changed):
    settings = {"scam_labels": scam_inputs.SCAM_LABELS, "search": "quick", "known_runs": set()}
    settings |= {"unlabelled_sample_percent": percent, **changed}
    return scam_models.train(examples, views, **settings)


@pytest.fixture(scope="module")
def examples():
    return scam_inputs.training_examples()


@pytest.fixture(scope="module")
def trained(scam_models, examples):
    return scam_models.typed(train(scam_models, examples), scam_models.COLUMNS)


def test_every_view_has_a_row_for_every_configuration(scam_models, trained):
    assert len(trained) == len(scam_inputs.VIEWS) * len(scam_models.configurations())
    assert not trained.duplicated(KEY).any()
    assert trained.notna().all(axis=None)
    assert trained["run_id"].nunique() == 1
    assert trained["run_id"].str.fullmatch("[0-9a-f]{16}").all()


def test_views_with_the_same_fit_share_its_model(trained):
    texts = trained.set_index(KEY)["model"].unstack(["view", "cutoff"]).droplevel(1, axis=1)
    assert (texts["random"] == texts["external"]).all()
    assert (texts["time"] == texts["time_to_date"]).all()
    # A rule is not fitted.
    fitted = texts.drop("one_hop_exposure", errors="ignore")
    assert (fitted["random"] != fitted["lifetime"]).all()


def test_the_same_examples_in_another_order_are_the_same_run(scam_models, examples, trained):
    shuffled = examples.sample(frac=1, random_state=1)
    rows = train(scam_models, shuffled, scam_inputs.VIEWS[::-1])
    again = scam_models.typed(rows, scam_models.COLUMNS)
    pd.testing.assert_frame_equal(
        again.drop(columns="trained_at"), trained.drop(columns="trained_at")
    )


def test_a_known_run_is_not_trained_again(scam_models, examples, trained, capsys):
    known = {trained["run_id"].iloc[0]}
    assert train(scam_models, examples, known_runs=known) == []
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


def test_validation_addresses_decide_nothing_but_the_last_fit(scam_models, examples):
    fit = examples[examples["fit_name"] == "random"]
    altered = fit.copy()
    held_out = altered["split"] == "validation"
    altered.loc[held_out, "is_scam"] = ~altered.loc[held_out, "is_scam"]
    altered.loc[held_out, "tx_count"] += 1000
    for configuration in scam_models.configurations():
        one = scam_models.train_fit(fit, *configuration, "quick", 100)
        other = scam_models.train_fit(altered, *configuration, "quick", 100)
        assert one["validation_positives"] != other["validation_positives"]
        for column in ("held_out_models", "calibration"):
            assert one[column] == other[column]
        decided = {"scoring_sha256": None, "scam_weight": None}
        assert json.loads(one["parameters"]) | decided == json.loads(other["parameters"]) | decided
        if configuration[0] != "one_hop_exposure":
            assert one["model"] != other["model"]


def training_data(scam_models, fit, feature_set="without_absolute_time", folds=2, percent=100):
    """Return what training makes of all rows of a fit, in its order."""
    fit = fit.sort_values(["split", "address"])
    return scam_models.training_data(fit, scam_models.FEATURE_SETS[feature_set], percent, folds + 1)


@pytest.mark.parametrize("model_name", ["xgboost", "logistic_regression", "extra_trees"])
def test_calibration_sees_only_predictions_out_of_fold(scam_models, examples, model_name):
    data = training_data(scam_models, examples[examples["fit_name"] == "random"])
    parameters = scam_models.candidates(model_name, scam_models.SEARCHES["quick"])[0]
    parameters = {**parameters, "rounds": 5}
    margin = scam_models.out_of_fold(data, model_name, parameters)
    assert (np.isnan(margin) == (data.fold_of == 2)).all()

    # Turned labels of a fold change what is said of the other folds, and nothing of itself.
    turned = np.where(data.fold_of == 0, ~data.labels, data.labels)
    again = scam_models.out_of_fold(replace(data, labels=turned), model_name, parameters)
    assert (again[data.fold_of == 0] == margin[data.fold_of == 0]).all()
    assert (again[data.fold_of == 1] != margin[data.fold_of == 1]).any()

    calibration = scam_models.calibrate(data, model_name, parameters)
    assert calibration["positives"] == data.labels[data.fold_of < 2].sum()
    assert "out-of-fold predictions of the training split, 2 folds" in calibration["learnt_on"]


def test_the_last_fold_stops_the_trees_and_does_nothing_else(scam_models, examples):
    data = training_data(scam_models, examples[examples["fit_name"] == "random"])
    bounds = {"least_rounds": 1, "most_rounds": 100, "early_stopping_rounds": 5}
    search = scam_models.SEARCHES["quick"] | bounds

    def judged(data, **settings):
        return scam_models.judge_xgboost(data, scam_models.XGBOOST_DEFAULTS, search | settings)

    stopped = judged(data)
    # They saw one fold of three.
    assert stopped["rounds"] == min(round(3 * np.mean(stopped["best_rounds"])), 100)
    assert max(stopped["best_rounds"]) < 60
    assert judged(data, most_rounds=10)["rounds"] == 10
    assert judged(data, least_rounds=90)["rounds"] == max(90, stopped["rounds"])
    assert stopped["rounds"] < 90

    # A last fold that contradicts the others stops the trees at once.
    turned = replace(data, labels=np.where(data.fold_of == 2, ~data.labels, data.labels))
    assert judged(turned)["best_rounds"] == [1, 1]

    # With a given number of rounds it has no say.
    assert judged(turned, most_rounds=1) == judged(data, most_rounds=1)


@pytest.mark.parametrize("problem", ["no examples", "no scams", "only scams"])
def test_a_fit_that_cannot_be_trained_is_skipped_and_said(scam_models, examples, problem, capsys):
    time = examples["fit_name"] == "time"
    some = examples.copy()
    if problem == "no examples":
        some = some[~time]
    else:
        some.loc[time, "is_scam"] = problem == "only scams"
    rows = train(scam_models, some)
    assert {row["fit_name"] for row in rows} == {"random", "lifetime"}
    assert "fit time is skipped" in capsys.readouterr().out


def test_a_single_scam_is_trained_on_without_folds(scam_models, examples):
    fit = examples[examples["fit_name"] == "time"].reset_index(drop=True)
    fit["is_scam"] = fit.index == 1
    for configuration in scam_models.configurations():
        row = scam_models.train_fit(fit, *configuration, "quick", 100)
        assert "too few scams" in json.loads(row["parameters"])["chosen_by"]
        assert json.loads(row["calibration"])["method"] == "identity"


def test_an_unknown_search_is_refused(scam_models, examples):
    with pytest.raises(ValueError, match="must be quick or full"):
        train(scam_models, examples, search="thorough")


def test_a_search_tries_the_defaults_and_the_same_draws_every_time(scam_models):
    for search in scam_models.SEARCHES.values():
        tried = scam_models.candidates("xgboost", search)
        assert tried[0] == scam_models.XGBOOST_DEFAULTS
        assert len(tried) == search["sample"] + 1
        assert all(set(candidate) == set(scam_models.XGBOOST_DEFAULTS) for candidate in tried)
        assert tried == scam_models.candidates("xgboost", search)


def test_the_search_takes_the_candidate_with_the_best_folds(scam_models, examples):
    data = training_data(scam_models, examples[examples["fit_name"] == "random"])
    search = {**scam_models.SEARCHES["quick"], "sample": 4}
    chosen = scam_models.choose(data, "xgboost", search)
    judged = [
        scam_models.judge_xgboost(data, candidate, search)["average_precision"]
        for candidate in scam_models.candidates("xgboost", search)
    ]
    assert len(set(judged)) > 1
    assert chosen["average_precision"] == max(judged)
    assert chosen["candidates"] == 5


FEATURE_LISTS = {
    "dictionary_features": "DICTIONARY",
    "absolute_time_features": "ABSOLUTE_TIME",
    "behaviour_features": "BEHAVIOUR",
    "exposure_features": "EXPOSURE",
    "value_features": "VALUES",
}


class Returned(Exception):
    """What a macro hands to return()."""


def macro_lists():
    """Return the macros without arguments in features.sql as functions, as dbt would run them."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    text = (PROJECT_DIRECTORY / "macros" / "features" / "features.sql").read_text()

    def give(value):
        raise Returned(value)

    def function(body):
        def call():
            try:
                environment.from_string(body).render(macros | {"return": give})
            except Returned as returned:
                return returned.args[0]

        return call

    found = re.findall(r"macro (\w+)\(\) -?%}(.*?)\{%-? endmacro", text, re.S)
    macros = {name: function(body) for name, body in found}
    return macros


def test_feature_lists_are_those_of_the_macros(scam_models):
    macros = macro_lists()
    assert {"dictionary_features", "absolute_time_features"} <= set(macros)
    for macro, constant in FEATURE_LISTS.items():
        listed = getattr(scam_models, constant)
        if macro in macros:
            assert listed == macros[macro](), constant
        elif constant != "VALUES":
            assert listed == [], f"{constant} is not empty, but there is no macro {macro}"


def test_feature_sets_leave_out_what_they_say_and_no_feature_twice(scam_models):
    sets = scam_models.FEATURE_SETS
    assert set(sets["dictionary"]) == set(DICTIONARY_COLUMNS)
    left_out = set(scam_models.ABSOLUTE_TIME + scam_models.ALIASES)
    assert set(sets["without_absolute_time"]) == set(DICTIONARY_COLUMNS) - left_out
    everything = set(DICTIONARY_COLUMNS + scam_models.BEHAVIOUR + scam_models.EXPOSURE)
    assert set(sets["all"]) == everything - left_out
    assert set(sets["value_free"]) == set(sets["all"]) - set(scam_models.VALUES)
    assert {name for name in DICTIONARY_COLUMNS if "amount" in name} <= set(scam_models.VALUES)
    assert set(scam_models.VALUES) | set(scam_models.MONOTONE_UP) <= everything
    for features in sets.values():
        assert len(features) == len(set(features))


def test_equal_feature_sets_are_trained_once_under_the_first_name(scam_models, monkeypatch):
    sets = {"dictionary": ["a", "b"], "without_absolute_time": ["b"], "all": ["b"]}
    monkeypatch.setattr(scam_models, "FEATURE_SETS", sets | {"value_free": ["a"]})
    assert scam_models.configurations() == [
        ("xgboost", "dictionary"),
        ("xgboost", "without_absolute_time"),
        ("xgboost", "value_free"),
        ("logistic_regression", "dictionary"),
        ("logistic_regression", "without_absolute_time"),
        ("random_forest", "without_absolute_time"),
        ("extra_trees", "without_absolute_time"),
    ]


def test_the_rule_ranks_by_its_feature_and_counts_unknown_as_none(
    scam_models, examples, monkeypatch
):
    monkeypatch.setattr(scam_models, "RULE_FEATURE", "activity_density")
    (rule,) = [pair for pair in scam_models.configurations() if pair[0] == "one_hop_exposure"]
    shares = examples.assign(activity_density=np.arange(len(examples)) / len(examples))
    shares.loc[shares.index % 5 == 0, "activity_density"] = np.nan
    fit = shares[shares["fit_name"] == "random"]
    fitted = scam_models.load_model(
        {**scam_models.train_fit(fit, *rule, "quick", 100), "run_id": "a test"}
    )
    matrix = scam_models.feature_matrix(fit, fitted["features"], "A test")
    score = scam_models.sigmoid(scam_models.margins(fitted, matrix))
    expected = fit["activity_density"].fillna(0).clip(1e-4, 1 - 1e-4)
    np.testing.assert_allclose(score, expected, atol=1e-12)


def test_a_rule_without_its_feature_is_skipped_and_said(scam_models, examples, monkeypatch, capsys):
    monkeypatch.setattr(scam_models, "RULE_FEATURE", "no_such_feature")
    assert all(row["model_name"] != "one_hop_exposure" for row in train(scam_models, examples))
    assert "one_hop_exposure is skipped" in capsys.readouterr().out


def test_a_monotone_feature_never_lowers_the_risk(scam_models, examples, monkeypatch):
    fit = examples[examples["fit_name"] == "random"]
    # Of these simulated scams the busiest are the fewest: free trees say so.
    fit = fit.assign(activity_density=np.where(fit["is_scam"], -1, 1) * fit["activity_density"])
    data = training_data(scam_models, fit)
    grid = np.repeat(data.matrix[:20], 50, axis=0)
    column = data.features.index("activity_density")
    grid[:, column] = np.tile(np.quantile(data.matrix[:, column], np.linspace(0, 1, 50)), 20)

    def steps():
        parameters = scam_models.XGBOOST_DEFAULTS | {"rounds": 20}
        text = scam_models.fit_text(data, "xgboost", parameters)
        fitted = scam_models.rebuild("xgboost_json", text, data.features)
        return np.diff(scam_models.margins(fitted, grid).reshape(20, 50), axis=1)

    assert (steps() < 0).any()
    monkeypatch.setattr(scam_models, "MONOTONE_UP", ["activity_density"])
    assert (steps() >= 0).all()


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
    data = training_data(scam_models, examples[examples["fit_name"] == "time"])
    data.matrix[::7, 3] = np.nan
    text = scam_models.fit_logistic(data, {"inverse_penalty": 0.1, "class_weight": None})
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        FunctionTransformer(lambda values: np.sign(values) * np.log1p(np.abs(values))),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=5000),
    ).fit(data.matrix, data.labels)
    ours = scam_models.margins({"coefficients": json.loads(text)}, data.matrix)
    np.testing.assert_allclose(ours, pipeline.decision_function(data.matrix), rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        scam_models.sigmoid(ours), pipeline.predict_proba(data.matrix)[:, 1], rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize(
    ("model_name", "kind"),
    [("random_forest", RandomForestClassifier), ("extra_trees", ExtraTreesClassifier)],
)
def test_the_forest_from_json_equals_scikit_learn(
    scam_models, examples, model_name, kind, class_weight
):
    data = training_data(scam_models, examples)
    data.matrix[::7, 3] = np.nan
    parameters = {"trees": 30, "leaves": 40, "least_leaf": 2, "class_weight": class_weight}
    text = scam_models.fit_forest(data, model_name, parameters)
    forest = kind(
        30,
        max_leaf_nodes=40,
        min_samples_leaf=2,
        class_weight=class_weight,
        random_state=scam_models.SEED,
    )
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    pipeline = make_pipeline(imputer, forest).fit(data.matrix, data.labels)
    # Unseen values, on thresholds among them, beside the training rows.
    thresholds = np.concatenate([tree.tree_.threshold for tree in forest.estimators_])
    unseen = np.random.default_rng(1).choice(thresholds, (2000, len(data.features)))
    matrix = np.concatenate([data.matrix, unseen])
    ours = scam_models.forest_probability(json.loads(text), matrix)
    np.testing.assert_allclose(ours, pipeline.predict_proba(matrix)[:, 1], rtol=0, atol=1e-12)
    score = scam_models.sigmoid(scam_models.log_odds(ours))
    np.testing.assert_allclose(score, np.clip(ours, 1e-4, 1 - 1e-4), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("view", "fifth"), [("random", None), ("random", 1), ("lifetime", 1), ("lifetime", 4)]
)
def test_the_trees_from_json_predict_exactly_what_was_trained(
    scam_models, examples, trained, view, fifth
):
    configuration = [view, "xgboost", "without_absolute_time"]
    row = trained.set_index(["view", "model_name", "feature_set"]).loc[tuple(configuration)]
    row = row.iloc[0] if isinstance(row, pd.DataFrame) else row
    fit = examples[(examples["fit_name"] == view) & (examples["address_fifth"] != fifth)]
    data = training_data(scam_models, fit, "without_absolute_time")
    parameters = json.loads(row["parameters"])
    booster = xgb.train(
        scam_models.xgboost_parameters(parameters, data),
        scam_models.to_dmatrix(data),
        parameters["rounds"],
    )
    expected = booster.predict(scam_models.to_dmatrix(data), output_margin=True)
    fitted = scam_models.load_model(row.to_dict())
    used = fitted if fifth is None else fitted["held_out"][fifth]
    assert (scam_models.margins(used, data.matrix) == expected).all()


def test_a_run_records_how_each_model_came_about(scam_models, trained):
    for row in trained.to_dict("records"):
        recorded, calibration = json.loads(row["parameters"]), json.loads(row["calibration"])
        assert {"search", "training_version", "chosen_by", "folds", "candidates"} <= set(recorded)
        assert 0 < recorded["average_precision"] <= 1
        assert recorded["unlabelled_weight"] == 1
        assert {"learnt_on", "method", "positives", "negatives"} <= set(calibration)
        if row["model_name"] == "xgboost":
            assert recorded["folds"] == 2
            assert len(recorded["best_rounds"]) == 2
            assert recorded["early_stopping_rounds"] == 5
            assert recorded["scam_weight"] >= 1
            assert set(recorded["monotone_up"]) <= set(scam_models.MONOTONE_UP)
            assert set(scam_models.XGBOOST_DEFAULTS) <= set(recorded)


def test_what_is_set_by_hand_makes_another_run(scam_models, examples, trained, monkeypatch):
    some = examples[examples["fit_name"] == "lifetime"]
    views = scam_inputs.VIEWS[scam_inputs.VIEWS["fit_name"] == "lifetime"]
    monkeypatch.setattr(scam_models, "CONFIGURATIONS", [("logistic_regression", "dictionary")])

    def run_id(percent=100):
        return train(scam_models, some, views, percent)[0]["run_id"]

    runs = [run_id(), run_id(percent=50)]
    for name, value in [
        ("TRAINING_VERSION", scam_models.TRAINING_VERSION + 1),
        ("SEED", 1),
        ("MONOTONE_UP", ["tx_count"]),
    ]:
        with monkeypatch.context() as changed:
            changed.setattr(scam_models, name, value)
            runs.append(run_id())
    assert len(set(runs)) == 5
    assert run_id() == runs[0]


def simulated_margins(rows, share):
    random = np.random.default_rng(5)
    labels = random.random(rows) < share
    return random.normal(labels * 2.0 - 1.0, 1.5), labels


def test_platt_finds_the_most_likely_slope_and_intercept(scam_models):
    margin, labels = simulated_margins(300, 0.1)
    weights = np.where(labels, 1.0, 3.0)
    calibration = scam_models.fit_calibration(margin, labels, weights)
    positives, negatives = weights[labels].sum(), weights[~labels].sum()
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(slope_and_intercept):
        logit = slope_and_intercept[0] * margin + slope_and_intercept[1]
        return np.sum(weights * (np.logaddexp(0, logit) - target * logit))

    expected = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-7}).x
    assert calibration["method"] == "platt"
    assert [calibration["slope"], calibration["intercept"]] == pytest.approx(expected, abs=1e-4)


def test_isotonic_calibration_is_used_with_many_scams_and_never_says_certain(scam_models):
    margin, labels = simulated_margins(2000, 0.3)
    calibration = scam_models.fit_calibration(margin, labels, np.ones(2000))
    calibration = json.loads(json.dumps(calibration))
    probability = scam_models.calibrated(calibration, np.linspace(-50, 50, 1001))
    assert calibration["method"] == "isotonic"
    assert (np.diff(probability) >= 0).all()
    assert 0 < probability.min() < probability.max() < 1
    assert scam_models.calibrated(calibration, margin).mean() == pytest.approx(
        labels.mean(), abs=0.01
    )


@pytest.mark.parametrize(("rows", "method"), [(60_000, "isotonic"), (6_000, "platt")])
def test_a_sample_of_the_unlabelled_gives_the_probabilities_of_the_population(
    scam_models, rows, method
):
    margin, labels = simulated_margins(rows, 0.01)
    is_drawn = labels | (np.random.default_rng(8).random(rows) < 0.05)
    weights = np.where(labels, 1.0, 20.0)
    sample = [values[is_drawn] for values in (margin, labels, weights)]
    calibration = scam_models.fit_calibration(*sample)
    assert calibration["method"] == method
    assert scam_models.calibrated(calibration, margin).mean() == pytest.approx(0.01, rel=0.15)
    naive = scam_models.fit_calibration(*sample[:2], np.ones(is_drawn.sum()))
    assert scam_models.calibrated(naive, margin).mean() > 0.05


def test_probabilities_of_runs_stored_without_a_shift_can_be_read(scam_models):
    assert scam_models.calibrated({"method": "identity"}, np.zeros(1)) == [0.5]


def test_only_unlabelled_addresses_stand_for_others(scam_models, examples):
    some = examples[:4].assign(is_scam=[True, False, False, False])
    some["is_labelled"] = [True, True, False, False]
    assert scam_models.population_weights(some, 0.5).tolist() == [1, 1, 200, 200]
    assert scam_models.population_weights(some, 100).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("percent", [0, -1, 100.1])
def test_an_impossible_percent_is_refused(scam_models, examples, percent):
    with pytest.raises(ValueError, match=r"unlabelled_sample_percent is .* at most 100"):
        train(scam_models, examples, percent=percent)


def test_with_few_scams_or_a_wrong_ranking_probabilities_stay_and_the_reason_is_kept(scam_models):
    margin, labels = simulated_margins(300, 0.1)
    few = np.arange(300) < 4
    for sample_weight in (1.0, 50.0):
        for ranks, scams in ((margin, few), (-margin, labels), (margin[:0], labels[:0])):
            weights = np.where(scams, 1.0, sample_weight)
            calibration = scam_models.fit_calibration(ranks, scams, weights)
            assert calibration["method"] == "identity"
            assert calibration["reason"]
            odds = np.exp(margin) / (sample_weight if len(scams) else 1)
            probability = scam_models.calibrated(calibration, margin)
            np.testing.assert_allclose(probability, odds / (1 + odds), atol=1e-12)


LATE = {"scams": 3, "first_reported_at": "2019-05-01", "labels_without_report_time": 0}
NO_LABELS = {"scams": 0, "first_reported_at": None, "labels_without_report_time": 0}
EARLY = {"scams": 3, "first_reported_at": "2016-01-01", "labels_without_report_time": 0}
UNTIMED = {"scams": 3, "first_reported_at": "2019-05-01", "labels_without_report_time": 1}


@pytest.mark.parametrize(
    ("fit_name", "scam_labels", "cause"),
    [
        ("lifetime", NO_LABELS, "no address is labelled as one"),
        (
            "lifetime",
            LATE,
            "labels are reported later than the last transaction .the first of 3 scams at "
            "2019-05-01 00:00:00, labels count until 2017-10-01",
        ),
        ("time", LATE, "labels are reported later than the end of its training window"),
        ("lifetime", EARLY, "have no transactions in the window, or are held out"),
        ("lifetime", UNTIMED, "have no transactions in the window, or are held out"),
    ],
)
def test_a_fit_without_scams_names_the_likely_cause(
    scam_models, examples, fit_name, scam_labels, cause
):
    fit = examples[examples["fit_name"] == fit_name].assign(is_scam=False)
    assert re.search(cause, scam_models.why_not_trainable(fit, scam_labels))


def test_a_fit_of_scams_only_says_that_others_are_missing(scam_models, examples):
    fit = examples[examples["fit_name"] == "time"].assign(is_scam=True)
    assert "only benign labels count as others" in scam_models.why_not_trainable(fit, EARLY)


def test_a_feature_the_examples_lack_is_named(scam_models, examples):
    with pytest.raises(ValueError, match=r"Training needs features .*burstiness.*hour_entropy"):
        train(scam_models, examples.drop(columns=["burstiness", "hour_entropy"]))


def test_an_empty_chain_makes_an_empty_table_that_the_next_run_can_fill(
    scam_models, examples, warehouse, capsys
):
    warehouse.write("int_scam_training__examples", examples[:0])
    warehouse.write("int_scam_training__evaluations", scam_inputs.VIEWS[:0])
    warehouse.write("address_labels", scam_inputs.address_labels())
    assert warehouse.run(scam_models).empty
    assert "LABEL_DATA" in capsys.readouterr().out
    empty_types = warehouse.types("scam_models")
    assert empty_types["model"] == "VARCHAR"
    assert empty_types["trained_at"] == "TIMESTAMP"
    assert empty_types["training_rows"] == "BIGINT"

    warehouse.write("int_scam_training__examples", examples)
    warehouse.write("int_scam_training__evaluations", scam_inputs.VIEWS)
    made = warehouse.run(scam_models)
    expected = len(scam_inputs.VIEWS) * len(scam_models.configurations())
    assert len(warehouse.read("scam_models")) == len(made) == expected
    assert warehouse.types("scam_models") == empty_types
    stored = warehouse.read("scam_models")

    assert warehouse.run(scam_models).empty
    pd.testing.assert_frame_equal(warehouse.read("scam_models"), stored)


@pytest.mark.parametrize("trouble", ["no scams", "late labels", "no rows", "a feature is gone"])
def test_models_of_earlier_runs_stay_when_training_cannot_go_on(
    scam_models, examples, trained, warehouse, trouble, capsys
):
    labels = scam_inputs.address_labels("2019-05-01", "2018-05-01")
    warehouse.write("scam_models", trained)
    warehouse.write("address_labels", labels[:0] if trouble == "no scams" else labels)
    warehouse.write("int_scam_training__evaluations", scam_inputs.VIEWS)
    some = {
        "no rows": examples[:0],
        "a feature is gone": examples.drop(columns="burstiness"),
    }.get(trouble, examples.assign(is_scam=False))
    warehouse.write("int_scam_training__examples", some)
    before = warehouse.read("scam_models")
    if trouble == "a feature is gone":
        with pytest.raises(ValueError, match="burstiness"):
            warehouse.run(scam_models)
    else:
        assert warehouse.run(scam_models).empty
        said = capsys.readouterr().out
        assert "models of earlier runs stay as they are" in said
        late = "labels are reported later than the last transaction (the first of 2 scams at 2018-"
        assert (late in said) == (trouble == "late labels")
    pd.testing.assert_frame_equal(warehouse.read("scam_models"), before)
