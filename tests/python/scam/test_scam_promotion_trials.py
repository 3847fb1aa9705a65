"""A challenger is promoted only if it is better on a slice held out from both; else it says why."""

import ast
import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from support import PROJECT_DIRECTORY, scam_inputs

CUTOFF = "2017-10-01 00:00:00"
ENDS = pd.DataFrame({"data_end_at": [pd.Timestamp("2018-01-01")], "window_name": "future"})
FEATURES = ["signal", "noise"]


@pytest.fixture
def trials(python_model, monkeypatch):
    module = python_model("scam_promotion_trials")
    monkeypatch.setattr(module, "REPLICATES", 200)
    return module


def slice_of(rows=600, scams=60, seed=0):
    """Test examples of the time view: one feature tells scams apart, one does not."""
    random = np.random.default_rng(seed)
    is_scam = np.arange(rows) < scams
    return pd.DataFrame(
        {
            "address": [f"0x{number:040x}" for number in random.permutation(rows)],
            "view": "time",
            "split": "test",
            "cutoff": CUTOFF,
            "is_scam": is_scam,
            "signal": random.normal(2.0 * is_scam, 1),
            "noise": random.normal(0, 1, rows),
        }
    )


def run(trials, run_id, signal, noise=0.0, *, cutoff=CUTOFF, intercept=-3.0, features=FEATURES):
    """A lifetime and a time row of scam_models: a logistic regression with the given weights."""
    coefficients = {
        "medians": [0.0] * len(features),
        "means": [0.0] * len(features),
        "scales": [1.0] * len(features),
        "weights": [signal, noise][: len(features)],
        "intercept": intercept,
    }
    row = {
        "run_id": run_id,
        "model_name": "xgboost",
        "feature_set": "without_absolute_time",
        "cutoff": cutoff,
        "trained_at": pd.Timestamp("2024-01-01") + pd.Timedelta(days=ord(run_id[0])),
        "features": json.dumps(features),
        "calibration": json.dumps({"method": "identity"}),
        "model_format": "logistic_json",
        "model": json.dumps(coefficients),
    }
    row["parameters"] = json.dumps({"scoring_sha256": trials.scoring_digest(row)})
    return pd.DataFrame([{**row, "view": view} for view in ("lifetime", "time")])


def judged(trials, *runs, test=None, promoted=(), pinned=None):
    """The trials of runs (rows of scam_models) in the order they were trained, by run."""
    models = pd.concat(runs)
    untried = models[["run_id", "trained_at"]].drop_duplicates()
    untried = untried[~untried["run_id"].isin(promoted)]
    rows = trials.judge_runs(
        trials.in_order(untried),
        models,
        slice_of() if test is None else test,
        ENDS,
        list(promoted),
        pinned,
    )
    return trials.typed(rows, trials.COLUMNS).set_index("run_id")


def test_the_first_run_is_promoted_and_says_how_good_it_is(trials):
    first = judged(trials, run(trials, "a", 2.0)).loc["a"]
    assert first["reason_code"] == "first_run"
    assert first["is_promoted"]
    assert first["average_precision_low"] < first["average_precision"]
    assert first["average_precision"] < first["average_precision_high"]
    assert pd.isna(first["incumbent_run_id"])
    assert pd.isna(first["difference"])
    assert (first["examples"], first["positives"]) == (600, 60)
    assert first["slice_start"] == pd.Timestamp(CUTOFF)
    assert first["slice_end"] == pd.Timestamp("2018-01-01")


def test_a_better_challenger_is_promoted_and_a_worse_one_refused(trials):
    weak, good = run(trials, "a", 0.2, 1.0), run(trials, "b", 2.0)
    better = judged(trials, weak, good)
    assert better.loc["b", "reason_code"] == "better"
    assert better["is_promoted"].tolist() == [True, True]
    assert better.loc["b", "difference_low"] > 0

    worse = judged(trials, run(trials, "a", 2.0), run(trials, "b", 0.2, 1.0))
    assert worse.loc["b", "reason_code"] == "not_better"
    assert worse["is_promoted"].tolist() == [True, False]
    assert worse.loc["b", "difference_high"] < 0
    # The refused run is nobody's incumbent.
    third = judged(
        trials, run(trials, "a", 2.0), run(trials, "b", 0.2, 1.0), run(trials, "c", 1.0, 0.2)
    )
    assert third["incumbent_run_id"].fillna("").tolist() == ["", "a", "a"]


def test_an_equal_challenger_is_promoted_only_if_better_calibrated(trials):
    base, same = run(trials, "a", 1.5, intercept=2.0), run(trials, "b", 1.5, intercept=2.0)
    assert judged(trials, base, same).loc["b", "reason_code"] == "not_better"
    calibrated = run(trials, "b", 1.5, intercept=-4.0)
    equal = judged(trials, base, calibrated).loc["b"]
    assert equal["reason_code"] == "equal_and_better_calibrated"
    assert equal["difference"] == 0
    assert equal["brier_reduction_low"] > 0
    # Better probabilities do not make up for a worse ranking.
    assert not judged(trials, base, run(trials, "b", 0.2, 1.0, intercept=-4.0)).loc[
        "b", "is_promoted"
    ]


def test_figures_and_intervals_are_those_of_scikit_learn(trials):
    random = np.random.default_rng(3)
    labels = random.random(300) < 0.1
    margins = [np.round(random.normal(2 * labels, 1), digits) for digits in (1, 6)]
    scores = [(margin, 1 / (1 + np.exp(1 - margin))) for margin in margins]
    found = trials.compare(labels, scores)

    weights = np.random.default_rng(trials.SEED).poisson(1.0, size=(200, 300))
    drawn = {
        name: np.array([[measure(w, each) for each in scores] for w in weights])
        for name, measure in {
            "precision": lambda w, s: average_precision_score(labels, s[0], sample_weight=w),
            "brier": lambda w, s: brier_score_loss(labels, s[1], sample_weight=w),
        }.items()
    }
    gains = drawn["precision"][:, 0] - drawn["precision"][:, 1]
    reductions = drawn["brier"][:, 1] - drawn["brier"][:, 0]
    precisions = [average_precision_score(labels, margin) for margin in margins]
    briers = [brier_score_loss(labels, probability) for _, probability in scores]
    expected = {
        "average_precision": precisions[0],
        "incumbent_average_precision": precisions[1],
        "difference": precisions[0] - precisions[1],
        "brier_score": briers[0],
        "incumbent_brier_score": briers[1],
        "brier_reduction": briers[1] - briers[0],
    }
    for name, values in {
        "average_precision": drawn["precision"][:, 0],
        "difference": gains,
        "brier_reduction": reductions,
    }.items():
        low, high = np.percentile(values, [2.5, 97.5])
        expected |= {f"{name}_low": low, f"{name}_high": high}
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_batches_of_any_size_draw_the_same(trials, monkeypatch):
    whole = np.concatenate(list(trials.resamples(50)))
    monkeypatch.setattr(trials, "BATCH_CELLS", 333)
    batches = list(trials.resamples(50))
    assert len(batches) > 30
    np.testing.assert_array_equal(np.concatenate(batches), whole)


def test_a_replicate_without_a_scam_does_not_count(trials):
    labels = np.arange(40) < 1
    score = (np.linspace(1, 0, 40), np.full(40, 0.1))
    found = trials.compare(labels, [score, score])
    assert found["average_precision"] == found["average_precision_low"] == 1
    assert found["difference_low"] == found["difference_high"] == 0


def test_the_pinned_run_is_the_incumbent_of_all_others(trials):
    runs = [run(trials, "a", 0.2, 1.0), run(trials, "b", 2.0), run(trials, "c", 1.0, 0.8)]
    unpinned = judged(trials, *runs, promoted=["a", "b"])
    assert unpinned.loc["c", ["incumbent_run_id", "is_promoted"]].tolist() == ["b", False]
    pinned = judged(trials, *runs, promoted=["a", "b"], pinned="a")
    assert pinned.loc["c", ["incumbent_run_id", "is_promoted"]].tolist() == ["a", True]
    # Not its own, and a name that no run has pins nothing.
    assert judged(trials, *runs, promoted=["a"], pinned="b").loc["b", "incumbent_run_id"] == "a"
    for nobody in ("nobody", "None", None, ""):
        found = judged(trials, *runs, promoted=["a", "b"], pinned=nobody)
        assert found.loc["c", "incumbent_run_id"] == "b"


def challenger_without(view):
    return lambda runs: runs[(runs["run_id"] == "a") | (runs["view"] != view)]


def incumbent_without_time(runs):
    return runs[(runs["run_id"] == "b") | (runs["view"] != "time")]


def damaged(run_id):
    return lambda runs: runs.assign(
        model=runs["model"].where(runs["run_id"] != run_id, runs["model"].str[:-1])
    )


@pytest.mark.parametrize(
    ("reason_code", "detail", "change_models", "test"),
    [
        ("too_few_positives", None, None, slice_of(scams=9)),
        ("too_few_positives", None, None, slice_of(scams=0)),
        ("no_slice", None, None, slice_of()[:0]),
        ("no_lifetime_model", None, challenger_without("lifetime"), None),
        ("no_time_model", None, challenger_without("time"), None),
        ("incumbent_without_time_model", None, incumbent_without_time, None),
        ("challenger_unusable", "run b .* changed after training", damaged("b"), None),
        ("incumbent_unusable", "run a .* changed after training", damaged("a"), None),
        ("challenger_unusable", "run b needs .* noise.*train again", None, "noise"),
    ],
)
def test_what_cannot_be_judged_stays_challenger_and_says_why(
    trials, reason_code, detail, change_models, test
):
    runs = pd.concat([run(trials, "a", 0.2, 1.0), run(trials, "b", 2.0)])
    if change_models:
        runs = change_models(runs)
    if isinstance(test, str):
        test = slice_of().drop(columns=test)
    found = judged(trials, runs, test=test, promoted=["a"]).loc["b"]
    assert found["reason_code"] == reason_code
    assert not found["is_promoted"]
    if detail:
        assert re.search(detail, found["reason_detail"])


def test_a_feature_only_the_incumbent_needs_leaves_the_challenger_waiting(trials):
    old, new = run(trials, "a", 0.2, 1.0), run(trials, "b", 2.0, features=["signal"])
    found = judged(trials, old, new, test=slice_of().drop(columns="noise"), promoted=["a"]).loc["b"]
    assert found["reason_code"] == "incumbent_unusable"
    assert "run a needs features" in found["reason_detail"]


def test_a_run_trained_on_the_slice_is_refused(trials):
    later = "2017-11-01 00:00:00"
    for runs in (
        [run(trials, "a", 0.2, 1.0, cutoff=later), run(trials, "b", 2.0)],
        [run(trials, "a", 0.2, 1.0), run(trials, "b", 2.0, cutoff=later)],
    ):
        found = judged(trials, *runs, promoted=["a"]).loc["b"]
        assert found["reason_code"] == "slice_was_trained_on"
        assert found["reason_detail"] == later
        assert not found["is_promoted"]
    # An earlier cutoff is no obstacle: the slice came after it too.
    earlier = [run(trials, "a", 0.2, 1.0, cutoff="2016-01-01 00:00:00"), run(trials, "b", 2.0)]
    assert judged(trials, *earlier, promoted=["a"]).loc["b", "is_promoted"]


def write_inputs(warehouse, models, test):
    warehouse.write("scam_models", models)
    warehouse.write("int_scam_evaluation__examples", test)
    warehouse.write("feature_windows", ENDS)


def rows_of(warehouse, run_id):
    """The stored trial of a run, as tuples."""
    sql = f"select * from scam_promotion_trials where run_id = '{run_id}'"
    return warehouse.connection.sql(sql).fetchall()


def test_each_run_is_judged_once_and_what_a_killed_build_left_is_finished(trials, warehouse):
    runs = [run(trials, "a", 0.2, 1.0), run(trials, "b", 2.0), run(trials, "c", 0.2, 1.0)]
    write_inputs(warehouse, runs[0][:0], slice_of())
    assert warehouse.run(trials).empty
    empty_types = warehouse.types("scam_promotion_trials")
    assert empty_types["is_promoted"] == "BOOLEAN"
    assert empty_types["slice_start"] == "TIMESTAMP"

    write_inputs(warehouse, runs[0], slice_of())
    assert warehouse.run(trials)["reason_code"].tolist() == ["first_run"]
    before = rows_of(warehouse, "a")
    assert warehouse.types("scam_promotion_trials") == empty_types

    # Nothing new: nothing written, whatever the slice is by now.
    write_inputs(warehouse, runs[0], slice_of(seed=9))
    assert warehouse.run(trials).empty
    assert rows_of(warehouse, "a") == before

    # Killed after two trainings: both have models but no trial.
    write_inputs(warehouse, pd.concat(runs), slice_of(seed=9))
    made = warehouse.run(trials).set_index("run_id")
    assert made["incumbent_run_id"].to_dict() == {"b": "a", "c": "b"}
    assert made["is_promoted"].to_dict() == {"b": True, "c": False}
    assert rows_of(warehouse, "a") == before
    assert warehouse.run(trials).empty


def test_a_run_whose_models_were_deleted_does_not_stand_in_the_way(trials, warehouse):
    first, third = run(trials, "a", 0.2, 1.0), run(trials, "c", 0.2, 1.0)
    better = run(trials, "b", 2.0)
    write_inputs(warehouse, pd.concat([first, better]), slice_of())
    assert warehouse.run(trials)["is_promoted"].tolist() == [True, True]
    # The one before the deleted champion is the incumbent again ...
    write_inputs(warehouse, pd.concat([first, third]), slice_of())
    assert warehouse.run(trials)["incumbent_run_id"].tolist() == ["a"]
    # ... and where none is left, a new run starts over.
    write_inputs(warehouse, run(trials, "d", 1.0), slice_of())
    made = warehouse.run(trials)
    assert made["reason_code"].tolist() == ["first_run"]
    assert made["is_promoted"].tolist() == [True]


def test_a_database_with_earlier_runs_is_judged_from_the_oldest_on(trials, warehouse):
    runs = [run(trials, "c", 2.0), run(trials, "a", 0.2, 1.0), run(trials, "b", 1.0, 1.0)]
    write_inputs(warehouse, pd.concat(runs), slice_of())
    made = warehouse.run(trials, {"champion_run_id": "b"})
    assert made["run_id"].tolist() == ["a", "b", "c"]
    assert made["reason_code"].iloc[0] == "first_run"
    assert made["incumbent_run_id"].fillna("").tolist() == ["", "a", "b"]


def test_real_model_rows_of_different_kinds_are_compared(trials, trained_scam_models):
    boosted = trained_scam_models[trained_scam_models["view"].isin(["lifetime", "time"])]
    champions = boosted[
        (boosted["model_name"] == "xgboost") & (boosted["feature_set"] == "without_absolute_time")
    ]
    later = champions["trained_at"] + pd.Timedelta("1h")
    challenger = champions.assign(run_id="again", trained_at=later)
    examples = scam_inputs.evaluation_examples(300)
    test = examples[(examples["view"] == "time") & (examples["split"] == "test")]
    found = judged(trials, champions, challenger, test=test).loc["again"]
    assert found["reason_code"] == "not_better"
    assert found["difference"] == found["difference_low"] == found["difference_high"] == 0


def test_what_can_be_champion_is_the_same_in_sql_and_in_training(trials, python_model):
    macros = (PROJECT_DIRECTORY / "macros/scam/champion.sql").read_text()
    returned = re.findall(r"\{\{- return\((.+?)\) -\}\}", macros)
    model_name, feature_set, feature_sets = returned
    assert ast.literal_eval(model_name) == trials.CHAMPION_MODEL_NAME
    earlier = feature_sets.removeprefix("[champion_feature_set()] + ")
    in_sql = [ast.literal_eval(feature_set), *ast.literal_eval(earlier)]
    assert in_sql == trials.CHAMPION_FEATURE_SETS
    assert in_sql == python_model("scam_models").SCORING_FEATURE_SETS
