"""A run is promoted only if it is surely better on what came after the cutoff; else it says why.

dbt judges one run a command, on made-up addresses and regressions in place of trees.
"""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from support import scam_inputs
from support.bootstrap import interval, poisson_weights
from support.dbt_project import DbtProject, Run

CUTOFF, DATA_END = scam_inputs.CUTOFF, scam_inputs.DATA_END
REPLICATES = 200
FEATURES = ("signal", "noise")
JUDGED = (
    "int_scam_evaluation__incumbent scam_evaluation_scores int_scam_evaluation__run_evaluations"
    " int_scam_evaluation__score_groups int_scam_evaluation__sets"
    " int_scam_evaluation__ranking_replicates int_scam_evaluation__trials"
    " int_scam_serving__champion int_scam_serving__promotions"
)
TRIALS = "intermediate.int_scam_evaluation__trials"
PROMOTIONS = "intermediate.int_scam_serving__promotions"


def slice_of(rows: int = 600, scams: int = 60) -> pd.DataFrame:
    """Addresses of the future: one feature tells scams apart, one does not."""
    random = np.random.default_rng(0)
    is_scam = np.arange(rows) < scams
    return pd.DataFrame(
        {
            "evaluation": "future",
            "fit_name": "past",
            "address": random.permutation(scam_inputs.addresses(rows)),
            "is_scam": is_scam,
            "signal": random.normal(2.0 * is_scam, 1),
            "noise": random.normal(0, 1, rows),
            "scam_counterparty_share": 0.0,
            "tx_count": 5,
            "total_amount_incoming": 1e18,
            "is_trained_on": False,
            "is_first_seen_after_cutoff": True,
            "address_fifth": scam_inputs.fifths(rows),
            "first_event_at": CUTOFF,
        }
    )


def run_of(
    scam_models: ModuleType,
    run_id: str,
    signal: float,
    noise: float = 0.0,
    intercept: float = -3.0,
    features: tuple[str, ...] = FEATURES,
) -> pd.DataFrame:
    """The lifetime and the past row of a run: a regression with the given weights."""
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
        "feature_set": "all",
        "trained_at": pd.Timestamp("2024-01-01") + pd.Timedelta(days=ord(run_id)),
        "features": json.dumps(features),
        "calibration": json.dumps({"method": "identity", "shift": 0.0}),
        "model_format": "logistic_json",
        "model": json.dumps(coefficients),
        "held_out_models": "{}",
    }
    row["parameters"] = json.dumps({"scoring_sha256": scam_models.scoring_digest(row)})
    ends = {"lifetime": DATA_END, "past": CUTOFF}
    rows = [{**row, "fit_name": fit_name, "window_end": end} for fit_name, end in ends.items()]
    return scam_models.typed(rows, scam_models.COLUMNS)


class Judge:
    """A database in which runs are trained by hand and judged by dbt."""

    def __init__(self, dbt: DbtProject, database: Run) -> None:
        self.dbt, self.database = dbt, database

    def train(self, models: pd.DataFrame, examples: pd.DataFrame | None = None) -> None:
        """Store the rows of runs, and the addresses that the newest of them is tested on."""
        self.database.execute(
            "insert into marts.scam_models by name select * from models",
            "create or replace table intermediate.int_scam_evaluation__examples as from examples",
            models=models,
            examples=slice_of() if examples is None else examples,
        )

    def judge(self, **variables: Any) -> pd.DataFrame:
        """Build what follows a training; return all trials by run."""
        run = self.dbt.run(
            self.database.database.parent,
            select=JUDGED,
            bootstrap_replicates=REPLICATES,
            **variables,
        )
        assert run.success, run.errors
        return self.rows(TRIALS)

    def rows(self, table: str) -> pd.DataFrame:
        return self.database.frame(f"from {table} order by trained_at").set_index("run_id")


@pytest.fixture(scope="module")
def scam_models(python_model: Callable[[str], ModuleType]) -> ModuleType:
    return python_model("scam_models")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, scam_models: ModuleType) -> Run:
    """A database before the first training, with what dbt does not build here."""
    directory = tmp_path_factory.mktemp("trials")
    run = Run(True, directory / "warehouse.duckdb", [], [], {})
    labels = pd.DataFrame(
        {
            "address": ["0x1"],
            "source": "a_list",
            "label_kind": "scam",
            "usage": "training",
            "is_report_time_known": True,
        }
    )
    extents = pd.DataFrame({"window_name": ["lifetime", "past"], "addresses": 1000})
    run.execute(
        "create schema marts",
        "create schema intermediate",
        "create table marts.scam_models as from models",
        "create table intermediate.int_scam_training__evaluations as from evaluations",
        "create table intermediate.int_features__window_extents as from extents",
        "create table intermediate.int_addresses__labels as from labels",
        models=scam_models.typed([], scam_models.COLUMNS),
        evaluations=scam_inputs.EVALUATIONS,
        extents=extents.assign(origin_at=CUTOFF - pd.Timedelta("100D"), data_end_at=CUTOFF),
        labels=labels,
    )
    return run


@pytest.fixture(scope="module")
def first(
    dbt: DbtProject, empty: Run, scam_models: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Judge:
    """Run a, which finds scams badly, after its trial: to be read and copied."""
    judge = Judge(dbt, empty.copied(tmp_path_factory.mktemp("first")))
    judge.train(run_of(scam_models, "a", 0.2, 1.0))
    judge.judge()
    return judge


@pytest.fixture
def judge(first: Judge, tmp_path: Path) -> Judge:
    """The same on a copy."""
    return Judge(first.dbt, first.database.copied(tmp_path))


@pytest.fixture(scope="module")
def history(
    first: Judge, scam_models: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Judge:
    """Runs b to e after a: better, surely worse, equal, equal with better probabilities."""
    judge = Judge(first.dbt, first.database.copied(tmp_path_factory.mktemp("history")))
    for run_id, *weights in [
        ("b", 1.5, 0.0, 2.0),
        ("c", 0.2, 1.0, -4.0),
        ("d", 1.5, 0.0, 2.0),
        ("e", 1.5, 0.0, -4.0),
    ]:
        judge.train(run_of(scam_models, run_id, *weights))
        judge.judge()
    return judge


def test_the_first_run_is_promoted_and_says_how_good_it_is(first: Judge) -> None:
    trial = first.rows(TRIALS).loc["a"]
    assert trial["reason_code"] == "first_run"
    assert trial["is_promoted"]
    assert trial["average_precision_low"] < trial["average_precision"]
    assert trial["average_precision"] < trial["average_precision_high"]
    assert pd.isna(trial["incumbent_run_id"])
    assert pd.isna(trial["difference"])
    assert (trial["examples"], trial["positives"]) == (600, 60)
    assert (trial["slice_start"], trial["slice_end"]) == (CUTOFF, DATA_END)
    promotion = first.rows(PROMOTIONS).loc["a"]
    assert (promotion["decision"], promotion["is_pinned"]) == ("champion", False)


@pytest.mark.parametrize(
    ("run_id", "incumbent", "reason_code", "is_promoted"),
    [
        ("b", "a", "better", True),
        ("c", "b", "not_better", False),
        # The refused run is nobody's incumbent, and an equal one is not better.
        ("d", "b", "not_better", False),
        ("e", "b", "equal_and_better_calibrated", True),
    ],
)
def test_each_run_has_to_beat_the_last_one_promoted(
    history: Judge, run_id: str, incumbent: str, reason_code: str, is_promoted: bool
) -> None:
    trial = history.rows(TRIALS).loc[run_id]
    assert trial["incumbent_run_id"] == incumbent
    assert trial["reason_code"] == reason_code
    assert trial["is_promoted"] == is_promoted


def test_only_a_sure_difference_decides(history: Judge) -> None:
    trials = history.rows(TRIALS)
    assert trials["difference_low"]["b"] > 0
    # Better probabilities do not make up for a worse ranking.
    assert trials["difference_high"]["c"] < 0
    assert trials["brier_reduction_low"]["c"] > 0
    for run_id in ("d", "e"):
        # Sums of equal numbers in another order differ in their last bit.
        differences = trials.loc[run_id, ["difference", "difference_low", "difference_high"]]
        assert (differences.abs() < 1e-12).all()
    assert trials["brier_reduction"]["d"] == 0
    assert trials["brier_reduction_low"]["e"] > 0


def test_the_last_promoted_run_is_champion_and_replaces_those_before(history: Judge) -> None:
    promotions = history.rows(PROMOTIONS)
    assert promotions["decision"].to_dict() == {
        **{"a": "retired", "b": "retired", "e": "champion"},
        **{"c": "challenger", "d": "challenger"},
    }
    assert promotions["replaced_by_run_id"].dropna().to_dict() == {"a": "b", "b": "e"}
    assert promotions["reason"].notna().all()
    champion = history.database.query("select run_id from intermediate.int_scam_serving__champion")
    assert champion == [("e",)]


def test_differences_and_intervals_are_those_of_the_stored_replicates(history: Judge) -> None:
    replicates = history.database.frame(
        "select sets.run_id, sets.model_name, replicates.*"
        " from intermediate.int_scam_evaluation__ranking_replicates as replicates"
        " join intermediate.int_scam_evaluation__sets as sets using (set_id)"
        " where sets.evaluation = 'future' and sets.subset = 'all'"
        " and sets.model_name in ('xgboost', 'incumbent')"
    ).pivot(
        index=["run_id", "replicate"],
        columns="model_name",
        values=["average_precision", "brier_score"],
    )
    trials = history.rows(TRIALS)
    for run_id in ("b", "c", "d", "e"):
        drawn, trial = replicates.loc[run_id], trials.loc[run_id]
        assert len(drawn) == REPLICATES + 1
        figures = {
            "average_precision": drawn["average_precision"]["xgboost"],
            "difference": drawn["average_precision"]["xgboost"]
            - drawn["average_precision"]["incumbent"],
            "brier_reduction": drawn["brier_score"]["incumbent"] - drawn["brier_score"]["xgboost"],
        }
        for name, values in figures.items():
            low, high = interval(values.drop(0))
            found = [trial[name], trial[f"{name}_low"], trial[f"{name}_high"]]
            assert found == pytest.approx([values[0], low, high], rel=1e-12, abs=1e-15), name
        for name in ("average_precision", "brier_score"):
            incumbent = drawn[name]["incumbent"][0]
            assert trial[f"incumbent_{name}"] == pytest.approx(incumbent, rel=1e-12)


def test_replicates_draw_each_address_equally_often_for_both_models(history: Judge) -> None:
    scores = history.database.frame(
        "select model_name, address, is_scam, score, scam_probability"
        " from marts.scam_evaluation_scores where run_id = 'b' and evaluation = 'future'"
        " and model_name in ('xgboost', 'incumbent') order by address"
    )
    models = dict(list(scores.groupby("model_name")))
    gains, reductions = [], []
    for replicate in range(1, REPLICATES + 1):
        precision, brier = {}, {}
        for name, rows in models.items():
            weights = poisson_weights(replicate, rows["address"])
            precision[name] = average_precision_score(
                rows["is_scam"], rows["score"], sample_weight=weights
            )
            brier[name] = brier_score_loss(
                rows["is_scam"], rows["scam_probability"], sample_weight=weights
            )
        gains.append(precision["xgboost"] - precision["incumbent"])
        reductions.append(brier["incumbent"] - brier["xgboost"])
    trial = history.rows(TRIALS).loc["b"]
    for name, values in {"difference": gains, "brier_reduction": reductions}.items():
        found = [trial[f"{name}_low"], trial[f"{name}_high"]]
        assert found == pytest.approx(interval(values), rel=1e-9, abs=1e-12)


def test_a_run_is_tried_once(judge: Judge, scam_models: ModuleType) -> None:
    before = judge.rows(TRIALS)
    judge.train(run_of(scam_models, "a", 0.0)[:0], slice_of(scams=9))
    pd.testing.assert_frame_equal(judge.judge(), before)


def test_runs_that_were_replaced_before_their_trial_are_not_tried(
    judge: Judge, scam_models: ModuleType
) -> None:
    judge.train(pd.concat([run_of(scam_models, "b", 1.0), run_of(scam_models, "c", 2.0)]))
    assert judge.judge()["incumbent_run_id"].fillna("").to_dict() == {"a": "", "c": "a"}
    promotions = judge.rows(PROMOTIONS)
    assert promotions["decision"]["b"] == "challenger"
    assert promotions["reason_code"].to_dict() == {
        **{"a": "first_run", "b": "not_tried", "c": "better"},
    }


def test_a_pinned_run_is_the_incumbent_even_if_it_was_never_tried(
    judge: Judge, scam_models: ModuleType
) -> None:
    judge.train(pd.concat([run_of(scam_models, "b", 1.0), run_of(scam_models, "c", 2.0)]))
    assert judge.judge(champion_run_id="b")["incumbent_run_id"]["c"] == "b"
    assert judge.rows(PROMOTIONS)["decision"]["b"] == "champion"


def without(fit_name: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows[rows["fit_name"] != fit_name]


@pytest.mark.parametrize(
    ("reason_code", "challenger", "examples", "incumbent"),
    [
        ("too_few_positives", None, slice_of(scams=9), ""),
        ("too_few_positives", None, slice_of(scams=0), ""),
        ("no_slice", None, slice_of()[:0], ""),
        ("no_lifetime_model", without("lifetime"), None, ""),
        ("no_past_model", without("past"), None, ""),
        (
            "incumbent_without_past_model",
            None,
            slice_of(scams=9),
            "delete from marts.scam_models",
        ),
        (
            "incumbent_without_past_model",
            None,
            slice_of()[:0],
            "delete from marts.scam_models",
        ),
        (
            "slice_was_trained_on",
            None,
            None,
            "update marts.scam_models set window_end = window_end + interval 1 day",
        ),
        ("incumbent_unusable", None, None, "update marts.scam_models set model = '{}'"),
        ("incumbent_unusable", None, None, "update marts.scam_models set model = null"),
    ],
)
def test_what_cannot_be_compared_stays_challenger_and_says_why(
    judge: Judge,
    scam_models: ModuleType,
    reason_code: str,
    challenger: Callable[[pd.DataFrame], pd.DataFrame] | None,
    examples: pd.DataFrame | None,
    incumbent: str,
) -> None:
    if incumbent:
        judge.database.execute(f"{incumbent} where run_id = 'a' and fit_name = 'past'")
    rows = run_of(scam_models, "b", 2.0)
    judge.train(challenger(rows) if challenger else rows, examples)
    trial = judge.judge().loc["b"]
    assert trial["reason_code"] == reason_code
    assert trial["incumbent_run_id"] == "a"
    assert not trial["is_promoted"]
    assert judge.rows(PROMOTIONS)["decision"].to_dict() == {"a": "champion", "b": "challenger"}


def test_an_incumbent_without_a_past_model_gives_way_to_the_first_run_with_one(
    judge: Judge, scam_models: ModuleType
) -> None:
    judge.database.execute("delete from marts.scam_models where fit_name = 'past'")
    judge.train(run_of(scam_models, "b", 0.2, 1.0))
    trial = judge.judge().loc["b"]
    assert (trial["reason_code"], trial["incumbent_run_id"]) == ("first_with_past_model", "a")
    assert trial["is_promoted"]
    # From then on runs are compared.
    judge.train(run_of(scam_models, "c", 0.2, 1.0))
    trial = judge.judge().loc["c"]
    assert (trial["reason_code"], trial["incumbent_run_id"]) == ("not_better", "b")
    promotions = judge.rows(PROMOTIONS)
    assert promotions["decision"].to_dict() == {"a": "retired", "b": "champion", "c": "challenger"}
    assert promotions["reason"].notna().all()


def test_a_feature_that_only_the_incumbent_needs_makes_it_unusable(
    judge: Judge, scam_models: ModuleType
) -> None:
    rows = run_of(scam_models, "b", 2.0, features=("signal",))
    judge.train(rows, slice_of().drop(columns="noise"))
    trial = judge.judge().loc["b"]
    assert (trial["reason_code"], trial["is_promoted"]) == ("incumbent_unusable", False)


@pytest.fixture
def after_history(history: Judge, tmp_path: Path) -> Judge:
    """The history on a copy."""
    return Judge(history.dbt, history.database.copied(tmp_path))


def test_the_pinned_run_is_champion_and_the_incumbent(
    after_history: Judge, scam_models: ModuleType
) -> None:
    after_history.train(run_of(scam_models, "f", 0.8, 0.4))
    trial = after_history.judge(champion_run_id="a").loc["f"]
    assert (trial["incumbent_run_id"], trial["is_promoted"]) == ("a", True)
    promotions = after_history.rows(PROMOTIONS)
    assert promotions["decision"].to_dict() == {
        **{"a": "champion", "b": "retired", "e": "retired", "f": "retired"},
        **{"c": "challenger", "d": "challenger"},
    }
    assert promotions["is_pinned"].to_dict() == {name: name == "a" for name in "abcdef"}
    assert set(promotions["replaced_by_run_id"].dropna()) == {"a"}


def test_a_run_whose_models_were_deleted_no_longer_counts(
    after_history: Judge, scam_models: ModuleType
) -> None:
    # The one promoted before the deleted champion is the incumbent again ...
    after_history.database.execute("delete from marts.scam_models where run_id = 'e'")
    after_history.train(run_of(scam_models, "f", 0.2, 1.0))
    assert after_history.judge()["incumbent_run_id"]["f"] == "b"
    assert after_history.rows(PROMOTIONS)["decision"]["b"] == "champion"
    # ... and where none is left, a new run starts over.
    after_history.database.execute("delete from marts.scam_models")
    after_history.train(run_of(scam_models, "g", 1.0))
    trial = after_history.judge().loc["g"]
    assert (trial["reason_code"], trial["is_promoted"]) == ("first_run", True)
    assert after_history.rows(PROMOTIONS)["decision"].to_dict() == {"g": "champion"}
