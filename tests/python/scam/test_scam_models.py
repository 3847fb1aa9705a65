import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from scipy.optimize import minimize
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from support import scam_inputs
from support.catalogue import catalogue_table, feature_names
from support.oracle import DICTIONARY_COLUMNS

KEY = ["fit_name", "model_name", "feature_set"]


@pytest.fixture(scope="module")
def scam_models(python_model):
    """The module with a search that takes no time."""
    module = python_model("scam_models")
    scam_inputs.hurry(module)
    return module


@pytest.fixture(scope="module")
def sets(scam_models):
    return scam_models.feature_sets(catalogue_table())


def train(scam_models, examples, evaluations=scam_inputs.EVALUATIONS, percent=100, **changed):
    settings = {
        "catalogue": catalogue_table(),
        "scam_labels": scam_inputs.SCAM_LABELS,
        "search": "quick",
        "known_runs": [],
    }
    settings |= {"unlabelled_sample_percent": percent, **changed}
    return scam_models.train(examples, evaluations, **settings)


@pytest.fixture(scope="module")
def examples():
    return scam_inputs.training_examples()


@pytest.fixture(scope="module")
def trained(scam_models, examples):
    return scam_models.typed(train(scam_models, examples), scam_models.COLUMNS)


def test_every_fit_has_a_row_for_every_configuration(scam_models, sets, trained):
    listed = scam_models.searched_configurations("quick")
    configurations = scam_models.configurations(sets, listed)
    assert trained.groupby("fit_name").size().to_dict() == dict.fromkeys(
        ("lifetime", "past", "random"), len(configurations)
    )
    assert not trained.duplicated(KEY).any()
    assert trained.notna().all(axis=None)
    assert trained["run_id"].nunique() == 1
    assert trained["run_id"].str.fullmatch("[0-9a-f]{16}").all()


def test_a_row_says_what_its_fit_was_trained_on(examples, trained):
    for (fit_name, *_), row in trained.set_index(KEY).iterrows():
        fit = examples[examples["fit_name"] == fit_name]
        assert (row["training_rows"], row["training_positives"]) == (len(fit), fit["is_scam"].sum())
        assert row["train_window_name"] == fit["window_name"].iloc[0]
        for column in ("window_start", "window_end", "labels_known_at"):
            assert row[column] == fit[column].iloc[0]


def test_the_same_examples_in_another_order_are_the_same_run(scam_models, examples, trained):
    shuffled = examples.sample(frac=1, random_state=1)
    rows = train(scam_models, shuffled, scam_inputs.EVALUATIONS[::-1])
    again = scam_models.typed(rows, scam_models.COLUMNS)
    pd.testing.assert_frame_equal(
        again.drop(columns="trained_at"), trained.drop(columns="trained_at")
    )


def test_a_known_run_is_not_trained_again(scam_models, examples, trained, capsys):
    known = trained["run_id"].iloc[0]
    assert train(scam_models, examples, known_runs=["older", known]) == []
    assert f"nothing changed, run {known} is already stored" in capsys.readouterr().out
    # Labels went back.
    assert train(scam_models, examples, known_runs=[known, "newer"]) == []
    said = capsys.readouterr().out
    assert "nothing changed" not in said
    assert f"those of run {known} again, which is stored and not tried again" in said
    assert "Run newer is newer." in said
    assert f"To score with {known}, set champion_run_id to it." in said


def test_the_fingerprint_sees_every_column_but_not_the_last_bits_of_floats(scam_models, examples):
    def changed(column, value):
        altered = examples.copy()
        altered.loc[3, column] = value
        return scam_models.fingerprint(altered) != scam_models.fingerprint(examples)

    assert changed("in_degree", 1234567)
    assert changed("is_scam", not examples.loc[3, "is_scam"])
    assert changed("window_name", "moved")
    assert changed("labels_known_at", pd.Timestamp("2017-10-02"))
    amount = examples.loc[3, "avg_amount_incoming"]
    assert changed("avg_amount_incoming", amount * 1e9)
    assert changed("avg_amount_incoming", amount * (1 + 1e-5))
    assert changed("avg_amount_incoming", np.nan)
    assert not changed("avg_amount_incoming", amount * (1 + 1e-15))


def test_what_engines_round_differently_has_the_same_digits(scam_models):
    values = np.array([1.0, 0.1 + 0.2, 2.0**40, -7e25, 0.0, 1.0, np.nan, np.inf])
    others = np.array([np.nextafter(1, 0), 0.3, np.nextafter(2.0**40, 0), -7e25, -0.0, 1.0])
    others = np.append(others, [-np.nan, np.inf])
    # The difference of two equal sums.
    values, others = np.append(values, 0.0), np.append(others, 5e-17)
    assert scam_models.six_digits(values).tobytes() == scam_models.six_digits(others).tobytes()
    assert scam_models.six_digits(np.array([1e-9])) > 0


def test_nullable_and_plain_columns_have_the_same_fingerprint(scam_models, examples):
    nullable = examples.astype({"in_degree": "Int64", "is_scam": "boolean", "address": "string"})
    assert scam_models.fingerprint(nullable) == scam_models.fingerprint(examples)


def training_data(scam_models, fit, feature_set="without_absolute_time", percent=100):
    """Return what training makes of all rows of a fit, in its order."""
    catalogue = catalogue_table()
    return scam_models.training_data(
        fit.sort_values("address"),
        scam_models.feature_sets(catalogue)[feature_set],
        scam_models.never_lowering(catalogue),
        percent,
        "quick",
    )


@pytest.fixture
def data(scam_models, examples):
    return training_data(scam_models, examples[examples["fit_name"] == "lifetime"])


def parameters_of(scam_models, model_name):
    search = scam_models.SEARCHES["quick"]
    return {**scam_models.candidates(model_name, search)[0], "rounds": 5}


@pytest.mark.parametrize("model_name", ["xgboost", "logistic_regression", "random_forest"])
def test_calibration_is_fitted_on_what_each_model_says_of_the_fifth_it_did_not_see(
    scam_models, data, model_name
):
    parameters = parameters_of(scam_models, model_name)
    _, held_out, margin = scam_models.cross_fit(data, model_name, parameters)
    for fifth, text in held_out.items():
        rows = data.fifths == fifth
        fitted = scam_models.fit_model(data.part(~rows), model_name, parameters)
        assert text == scam_models.to_text(fitted)
        stored = scam_models.rebuild(scam_models.MODEL_FORMATS[model_name], text, data.features)
        assert (margin[rows] == scam_models.margins(stored, data.matrix[rows])).all()
    assert set(held_out) == {0, 1, 2, 3, 4}
    expected = scam_models.fit_calibration(margin, data.labels, data.weights)
    found = scam_models.calibrate(data, margin)
    assert found.pop("fitted_on") == "cross-fitted predictions of 240 training addresses"
    assert found == expected

    # Rows of a fifth without a model take no part.
    rows = data.fifths != 3
    expected = scam_models.fit_calibration(margin[rows], data.labels[rows], data.weights[rows])
    found = scam_models.calibrate(data, np.where(rows, margin, np.nan))
    assert found.pop("fitted_on") == "cross-fitted predictions of 192 training addresses"
    assert found == expected


def test_the_last_fold_stops_the_trees_and_does_nothing_else(scam_models, data):
    bounds = {"least_rounds": 1, "most_rounds": 300, "early_stopping_rounds": 5}
    search = scam_models.SEARCHES["quick"] | bounds | {"rounds_per_check": 1}

    def tried(data, **settings):
        return scam_models.try_boosted_trees(
            data, "xgboost", scam_models.XGBOOST_DEFAULTS, search | settings
        )

    stopped = tried(data)
    # They saw one fold of three.
    assert stopped["rounds"] == round(3 * np.mean(stopped["best_rounds"]))
    assert max(stopped["best_rounds"]) < 60
    assert tried(data, most_rounds=10)["rounds"] == 10
    assert tried(data, least_rounds=250)["rounds"] == 250
    # Looked at once in four rounds, and after the last one.
    assert all(rounds % 4 == 0 for rounds in tried(data, rounds_per_check=4)["best_rounds"])
    assert tried(data, rounds_per_check=4, most_rounds=3)["best_rounds"] == [3, 3]

    # A last fold that contradicts the others stops the trees at once.
    turned = replace(data, labels=np.where(data.fold_of == 2, ~data.labels, data.labels))
    assert tried(turned)["best_rounds"] == [1, 1]

    # With a given number of rounds it has no say.
    assert tried(turned, most_rounds=1) == tried(data, most_rounds=1)


@pytest.mark.parametrize("problem", ["no examples", "no scams", "only scams"])
def test_a_fit_that_cannot_be_trained_is_skipped_and_said(scam_models, examples, problem, capsys):
    is_past = examples["fit_name"] == "past"
    some = examples.copy()
    if problem == "no examples":
        some = some[~is_past]
    else:
        some.loc[is_past, "is_scam"] = problem == "only scams"
    rows = train(scam_models, some)
    assert {row["fit_name"] for row in rows} == {"random", "lifetime"}
    said = "fit past is skipped" in capsys.readouterr().out
    assert said == (problem != "no examples")


def test_a_single_scam_is_trained_on_without_folds(scam_models, examples, data):
    fit = examples[examples["fit_name"] == "lifetime"].sort_values("address")
    data = replace(data, labels=np.arange(len(data.labels)) == 1, fold_of=np.array([], dtype=int))
    for model_name in ("xgboost", "random_forest", "logistic_regression"):
        row = scam_models.fit_row(data, fit, model_name, "quick")
        assert "too few scams" in json.loads(row["parameters"])["chosen_by"]
        assert json.loads(row["calibration"])["method"] == "identity"
        # Without the fifth of the scam there is none to learn from.
        assert set(json.loads(row["held_out_models"])) == {"0", "2", "3", "4"}


def test_the_null_model_sees_one_amount(scam_models, trained):
    rows = trained[trained["model_name"] == "null_model"]
    assert len(rows) == 3
    for row in rows.to_dict("records"):
        assert json.loads(row["features"]) == ["total_amount_incoming"]
        assert json.loads(row["parameters"])["rounds"] == scam_models.DEFAULT_ROUNDS


def test_shuffled_labels_are_trained_with_the_parameters_of_the_model_that_scores(trained):
    ours = trained[trained["feature_set"] == "all"].set_index(["fit_name", "model_name"])
    for fit_name in ("lifetime", "past", "random"):
        parameters = [
            json.loads(ours.loc[(fit_name, model_name), "parameters"])
            for model_name in ("xgboost", "shuffled_labels")
        ]
        for one in parameters:
            one.pop("scoring_sha256")
        assert parameters[0] == parameters[1]
        assert (
            ours.loc[(fit_name, "xgboost"), "model"]
            != ours.loc[(fit_name, "shuffled_labels"), "model"]
        )


def test_shuffled_labels_tell_nothing_and_no_address_is_scored_by_a_model_that_saw_it(
    scam_models, examples, data
):
    parameters = {**scam_models.XGBOOST_DEFAULTS, "rounds": 40}
    text, held_out, margin = scam_models.fit_shuffled(data, "shuffled_labels", parameters)
    assert set(held_out) == {0, 1, 2, 3, 4}
    # Two groups of fifths, two models.
    assert held_out[0] == held_out[1] != held_out[2] == held_out[3] == held_out[4]
    assert text == held_out[0]

    # What is changed in a group does not reach the model that scores it.
    first_group = data.fifths < 2
    matrix = np.where(first_group[:, np.newaxis], 1e12, data.matrix)
    _, changed, _ = scam_models.fit_shuffled(
        replace(data, matrix=matrix), "shuffled_labels", parameters
    )
    assert changed[0] == held_out[0]
    assert changed[2] != held_out[2]

    for fifth, model in held_out.items():
        rows = data.fifths == fifth
        fitted = scam_models.rebuild("xgboost_json", model, data.features)
        assert (margin[rows] == scam_models.margins(fitted, data.matrix[rows])).all()
    # The features tell these scams apart, but not what the lot says of them.
    assert roc_auc_score(data.labels, margin) == pytest.approx(0.5, abs=0.15)


FOLLOWER = "past_to_2017_08_01"


@pytest.fixture(scope="module")
def followed(scam_models, examples):
    """The rows of a run in which one fit takes its parameters from the fit past."""
    is_past = examples["fit_name"] == "past"
    follower = examples[is_past].assign(fit_name=FOLLOWER, window_name=FOLLOWER).iloc[:200]
    is_validation = scam_inputs.EVALUATIONS["fit_name"] == "past"
    asked = (
        scam_inputs.EVALUATIONS[is_validation]
        .iloc[:1]
        .assign(
            evaluation="lead_time",
            fit_name=FOLLOWER,
            parameters_from="past",
        )
    )
    rows = train(
        scam_models,
        pd.concat([follower, examples], ignore_index=True),
        pd.concat([asked, scam_inputs.EVALUATIONS], ignore_index=True),
    )
    return scam_models.typed(rows, scam_models.COLUMNS).set_index(KEY)


def test_a_fit_can_take_its_parameters_from_another_one(scam_models, followed):
    configurations = scam_models.CONFIGURATIONS
    assert sorted(followed.loc[FOLLOWER].index) == sorted(configurations)
    for model_name, feature_set in configurations:
        own, leader = (
            json.loads(followed.loc[(fit_name, model_name, feature_set), "parameters"])
            for fit_name in (FOLLOWER, "past")
        )
        assert own["chosen_by"] == f"the fit past: {leader['chosen_by']}"
        for name in ("max_depth", "eta", "rounds", "inverse_penalty", "class_weight"):
            assert own.get(name) == leader.get(name)
        assert "folds" not in own


def test_a_fit_without_the_one_it_follows_searches_itself(scam_models, examples):
    follower = examples[examples["fit_name"] == "past"].assign(fit_name=FOLLOWER)
    asked = scam_inputs.EVALUATIONS[scam_inputs.EVALUATIONS["fit_name"] == "past"].iloc[:1]
    asked = asked.assign(evaluation="lead_time", fit_name=FOLLOWER, parameters_from="past")
    rows = train(scam_models, follower, asked)
    by_model = {row["model_name"]: json.loads(row["parameters"])["chosen_by"] for row in rows}
    assert by_model["xgboost"].startswith("mean average precision")
    assert len(rows) == len(scam_models.CONFIGURATIONS)


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


@pytest.mark.parametrize("model_name", ["xgboost", "logistic_regression", "random_forest"])
def test_the_search_takes_the_candidate_with_the_best_folds(scam_models, data, model_name):
    grid = scam_models.SEARCHES["full"]["xgboost"]
    search = {**scam_models.SEARCHES["quick"], "sample": 4, "xgboost": grid}
    chosen = scam_models.choose(data, model_name, search)
    attempt = (
        scam_models.try_boosted_trees if model_name == "xgboost" else scam_models.try_candidate
    )
    tried = [
        attempt(data, model_name, candidate, search)["average_precision"]
        for candidate in scam_models.candidates(model_name, search)
    ]
    assert len(set(tried)) > 1
    assert chosen["average_precision"] == max(tried)
    assert chosen["candidates"] == len(tried)


def test_the_only_candidate_of_trees_gets_as_many_as_the_folds_say(scam_models, data):
    search = {**scam_models.SEARCHES["quick"], "sample": 0, "least_rounds": 1}
    chosen = scam_models.choose(data, "xgboost", search)
    defaults = scam_models.XGBOOST_DEFAULTS
    tried = scam_models.try_boosted_trees(data, "xgboost", defaults, search)
    assert {**chosen, **tried} == chosen
    assert chosen["rounds"] != scam_models.DEFAULT_ROUNDS
    assert chosen["chosen_by"] == "the only candidate"


def test_feature_sets_leave_out_what_they_say_and_no_feature_twice(sets):
    catalogue = catalogue_table().set_index("feature_name")
    assert sets["dictionary"] == DICTIONARY_COLUMNS
    is_left_out = (
        catalogue["is_of_absolute_time"]
        | catalogue["is_of_coverage"]
        | catalogue["alias_of"].notna()
    )
    left_out = set(catalogue.index[is_left_out])
    assert set(sets["without_absolute_time"]) == set(DICTIONARY_COLUMNS) - left_out
    assert set(sets["all"]) == set(feature_names()) - left_out
    amounts = set(catalogue.index[catalogue["is_of_amounts"]])
    assert set(sets["value_free"]) == set(sets["all"]) - amounts
    assert {name for name in DICTIONARY_COLUMNS if "amount" in name} <= amounts
    for features in sets.values():
        assert len(features) == len(set(features))


def test_the_order_of_the_catalogue_decides_and_not_that_of_its_rows(scam_models, sets):
    shuffled = catalogue_table().sample(frac=1, random_state=1)
    assert scam_models.feature_sets(shuffled) == sets


def test_equal_feature_sets_are_trained_once_under_the_first_name(scam_models):
    sets = {"dictionary": ["a", "b"], "without_absolute_time": ["b"], "all": ["b"]}
    sets["total_amount_incoming"] = ["c"]
    listed = scam_models.searched_configurations("full")
    assert scam_models.configurations(sets | {"value_free": ["a"]}, listed) == [
        ("xgboost", "without_absolute_time"),
        ("logistic_regression", "without_absolute_time"),
        ("null_model", "total_amount_incoming"),
        ("shuffled_labels", "without_absolute_time"),
        ("xgboost", "dictionary"),
        ("xgboost", "value_free"),
        ("logistic_regression", "dictionary"),
        ("random_forest", "without_absolute_time"),
    ]


def test_feature_sets_and_kinds_of_model_are_compared_where_the_search_is_full(
    scam_models, python_model, examples, monkeypatch
):
    original_scam_models = python_model("scam_models")
    assert not original_scam_models.SEARCHES["quick"]["has_comparisons"]
    assert original_scam_models.SEARCHES["full"]["has_comparisons"]
    quick = scam_models.SEARCHES["quick"]
    for search in ("quick", "full"):
        settings = quick | {"has_comparisons": search == "full"}
        monkeypatch.setitem(scam_models.SEARCHES, search, settings)
    one_fit = examples[examples["fit_name"] == "lifetime"]
    trained = {
        search: sorted(
            (row["model_name"], row["feature_set"])
            for row in train(scam_models, one_fit, search=search)
        )
        for search in ("quick", "full")
    }
    compared = scam_models.CONFIGURATIONS + scam_models.COMPARED_CONFIGURATIONS
    assert trained["quick"] == sorted(scam_models.CONFIGURATIONS)
    assert trained["full"] == sorted(compared)


def test_models_do_not_depend_on_how_many_are_fitted_side_by_side(scam_models, data, monkeypatch):
    parameters = parameters_of(scam_models, "xgboost")

    def fitted(cores):
        monkeypatch.setattr(scam_models, "free_cores", lambda: cores)
        search = scam_models.SEARCHES["quick"]
        text, held_out, margin = scam_models.cross_fit(data, "xgboost", parameters)
        return (
            text,
            held_out,
            margin.tolist(),
            scam_models.try_boosted_trees(data, "xgboost", scam_models.XGBOOST_DEFAULTS, search),
        )

    assert fitted(1) == fitted(5)


def test_a_monotone_feature_never_lowers_the_risk(scam_models, examples):
    fit = examples[examples["fit_name"] == "lifetime"]
    # Of these simulated scams the busiest are the fewest: free trees say so.
    fit = fit.assign(activity_density=np.where(fit["is_scam"], -1, 1) * fit["activity_density"])
    data = training_data(scam_models, fit)
    grid = np.repeat(data.matrix[:20], 50, axis=0)
    column = data.features.index("activity_density")
    grid[:, column] = np.tile(np.quantile(data.matrix[:, column], np.linspace(0, 1, 50)), 20)

    def steps(monotone_up):
        parameters = scam_models.XGBOOST_DEFAULTS | {"rounds": 20}
        fitted = scam_models.fit_xgboost(replace(data, monotone_up=monotone_up), parameters)
        return np.diff(scam_models.margins(fitted, grid).reshape(20, 50), axis=1)

    assert (steps([]) < 0).any()
    assert (steps(["activity_density"]) >= 0).all()


def test_only_what_comes_from_scams_never_lowers_the_risk(scam_models):
    assert scam_models.never_lowering(catalogue_table()) == [
        "first_funder_scam_count",
        "received_from_scam_count",
        "received_from_scam_value_share",
    ]


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


def test_the_logistic_regression_from_json_equals_scikit_learn(scam_models, data):
    data.matrix[::7, 3] = np.nan
    fitted = scam_models.fit_logistic(data, {"inverse_penalty": 0.1, "class_weight": None})
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        FunctionTransformer(lambda values: np.sign(values) * np.log1p(np.abs(values))),
        StandardScaler(),
        LogisticRegression(C=0.1, solver="newton-cholesky", max_iter=5000),
    ).fit(data.matrix, data.labels)
    text = scam_models.to_text(fitted)
    assert scam_models.rebuild("logistic_json", text, data.features) == fitted
    ours = scam_models.margins(fitted, data.matrix)
    np.testing.assert_allclose(ours, pipeline.decision_function(data.matrix), rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        scam_models.sigmoid(ours), pipeline.predict_proba(data.matrix)[:, 1], rtol=0, atol=1e-9
    )


def test_the_forest_is_one_round_of_trees_that_differ(scam_models, data):
    parameters = {"trees": 30, "depth": 4, "positive_weight": "root"}
    forest = scam_models.fit_forest(data, parameters)
    assert forest.num_boosted_rounds() == 1
    trees = forest.get_dump()
    assert len(trees) == 30
    assert len(set(trees)) == 30
    depths = {line.count("\t") for tree in trees for line in tree.splitlines()}
    assert max(depths) == 4


@pytest.mark.parametrize("fifth", [None, 1, 4])
@pytest.mark.parametrize("fit_name", ["random", "lifetime"])
def test_the_trees_from_json_predict_exactly_what_was_trained(
    scam_models, examples, trained, fit_name, fifth
):
    row = trained.set_index(KEY).loc[(fit_name, "xgboost", "without_absolute_time")]
    fit = examples[(examples["fit_name"] == fit_name) & (examples["address_fifth"] != fifth)]
    data = training_data(scam_models, fit)
    parameters = json.loads(row["parameters"])
    booster = xgb.train(
        scam_models.xgboost_parameters(parameters, data),
        scam_models.to_dmatrix(data),
        parameters["rounds"],
    )
    expected = booster.predict(scam_models.to_dmatrix(data), output_margin=True)
    fitted = scam_models.load_model(row.to_dict())
    used = fitted["model"] if fifth is None else fitted["held_out"][fifth]
    assert (scam_models.margins(used, data.matrix) == expected).all()


def test_a_run_records_how_each_model_came_about(scam_models, trained):
    for row in trained.to_dict("records"):
        recorded, calibration = json.loads(row["parameters"]), json.loads(row["calibration"])
        assert {"search", "training_version", "chosen_by"} <= set(recorded)
        if row["model_name"] != "null_model":
            assert {"folds", "candidates"} <= set(recorded)
            assert 0 < recorded["average_precision"] <= 1
        assert recorded["unlabelled_weight"] == 1
        assert {"fitted_on", "method", "positives", "negatives"} <= set(calibration)
        if row["model_name"] == "xgboost":
            assert recorded["folds"] == 2
            assert len(recorded["best_rounds"]) == 2
            assert recorded["early_stopping_rounds"] == 5
            assert recorded["scam_weight"] >= 1
            assert set(recorded["monotone_up"]) <= set(json.loads(row["features"]))
            assert set(scam_models.XGBOOST_DEFAULTS) <= set(recorded)


def test_what_is_set_by_hand_makes_another_run(scam_models, examples, monkeypatch):
    some = examples[examples["fit_name"] == "lifetime"]
    evaluations = scam_inputs.EVALUATIONS[scam_inputs.EVALUATIONS["fit_name"] == "lifetime"]
    monkeypatch.setattr(scam_models, "CONFIGURATIONS", [("logistic_regression", "all")])
    monkeypatch.setattr(scam_models, "COMPARED_CONFIGURATIONS", [])

    def run_id(percent=100, **changed):
        return train(scam_models, some, evaluations, percent, **changed)[0]["run_id"]

    catalogue = catalogue_table()
    is_count = catalogue["feature_name"] == "tx_count"
    runs = [
        run_id(),
        run_id(percent=50),
        run_id(catalogue=catalogue[~is_count]),
        run_id(catalogue=catalogue.assign(monotone_direction=is_count.astype(int))),
    ]
    for name, value in [("TRAINING_VERSION", scam_models.TRAINING_VERSION + 1), ("SEED", 1)]:
        with monkeypatch.context() as changed:
            changed.setattr(scam_models, name, value)
            runs.append(run_id())
    assert len(set(runs)) == 6
    # How features are described decides nothing.
    assert run_id(catalogue=catalogue.assign(description="a feature")) == runs[0]


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
        ("lifetime", NO_LABELS, "no label with usage training calls an address one"),
        (
            "lifetime",
            LATE,
            "labels are reported later than the last transaction .the first of 3 scams at "
            "2019-05-01 00:00:00, labels count until 2018-01-01",
        ),
        ("past", LATE, "labels are reported later than the end of its training window"),
        ("lifetime", EARLY, "have no transactions in the window, are on .* reviews only"),
        ("lifetime", UNTIMED, "have no transactions in the window, are on .* or are held out"),
    ],
)
def test_a_fit_without_scams_names_the_likely_cause(
    scam_models, examples, fit_name, scam_labels, cause
):
    fit = examples[examples["fit_name"] == fit_name].assign(is_scam=False)
    assert re.search(cause, scam_models.why_not_trainable(fit, scam_labels))


def test_a_fit_of_scams_only_says_that_others_are_missing(scam_models, examples):
    fit = examples[examples["fit_name"] == "past"].assign(is_scam=True)
    assert "only benign labels count" in scam_models.why_not_trainable(fit, EARLY)


def test_a_feature_the_examples_lack_is_named(scam_models, examples):
    with pytest.raises(ValueError, match=r"Training needs features .*burstiness.*hour_entropy"):
        train(scam_models, examples.drop(columns=["burstiness", "hour_entropy"]))


def test_an_empty_chain_makes_an_empty_table_that_the_next_run_can_fill(
    scam_models, sets, examples, warehouse, capsys
):
    warehouse.write("int_scam_training__examples", examples[:0])
    warehouse.write("int_scam_training__evaluations", scam_inputs.EVALUATIONS[:0])
    warehouse.write("features", catalogue_table())
    warehouse.write("int_addresses__labels", scam_inputs.address_labels())
    assert warehouse.run(scam_models).empty
    assert "LABEL_DATA" in capsys.readouterr().out
    empty_types = warehouse.types("scam_models")
    assert empty_types["model"] == "VARCHAR"
    assert empty_types["trained_at"] == "TIMESTAMP"
    assert empty_types["training_rows"] == "BIGINT"

    warehouse.write("int_scam_training__examples", examples)
    warehouse.write("int_scam_training__evaluations", scam_inputs.EVALUATIONS)
    made = warehouse.run(scam_models)
    listed = scam_models.searched_configurations("quick")
    expected = 3 * len(scam_models.configurations(sets, listed))
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
    warehouse.write("int_addresses__labels", labels[:0] if trouble == "no scams" else labels)
    warehouse.write("int_scam_training__evaluations", scam_inputs.EVALUATIONS)
    warehouse.write("features", catalogue_table())
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
