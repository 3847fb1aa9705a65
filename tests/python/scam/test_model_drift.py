"""Drift in SQL equals NumPy and SciPy; a planted shift is caught, an equal sample is not.

The project's compiled SQL runs in DuckDB from training examples to `model_drift`.
"""

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from maintenance.compiled_project import (
    DATABASE_NAME,
    CompiledProject,
    build,
    create_schema,
    duckdb_settings,
)
from support.catalogue import feature_catalogue
from support.dbt_project import DbtProject

DRIFT_MODELS = "int_drift__references int_drift__points model_drift"
FEATURES = ["in_degree", "burstiness", "avg_gas_price", "hour_mean"]


def sample(rows: int, seed: int) -> pd.DataFrame:
    """Made-up features: a count with many ties, a heavy tail, one unknown for a fifth, a mean."""
    rng = np.random.default_rng(seed)
    price = np.where(rng.random(rows) < 0.2, np.nan, rng.lognormal(3, 1, rows))
    return pd.DataFrame(
        {
            "address": [f"0x{seed}{i}" for i in range(rows)],
            "in_degree": rng.poisson(1.5, rows),
            "burstiness": rng.lognormal(0, 2, rows),
            "avg_gas_price": price,
            "hour_mean": rng.normal(12, 3, rows),
        }
    )


def given_tables(
    reference: pd.DataFrame, current: pd.DataFrame, features: list[str], labelled: pd.Series | None
) -> dict:
    """Rows of the relations that drift is computed from; `labelled`: whether each reference is."""
    population = reference[["address"]].assign(is_labelled=False if labelled is None else labelled)
    model = {"run_id": "r", "model_name": "xgboost", "feature_set": "all"}
    others = pd.DataFrame(index=range(len(reference)), columns=features, dtype="float64")
    others["tx_count"] = 9.0
    reference = others.assign(**{name: reference[name].to_numpy() for name in reference})
    current = others.reindex(range(len(current)), method="ffill").assign(
        **{name: current[name].to_numpy() for name in current}
    )
    score = current["score"] if "score" in current else np.linspace(0, 1, len(current))
    times = {"trained_at": pd.Timestamp("2024-01-01"), "fit_name": "lifetime"}
    scores = reference[["address"]].assign(**model, evaluation="deployed", fit_name="lifetime")
    scores["event_count"] = reference["tx_count"]
    return {
        "scam_models": pd.DataFrame([{**model, **times}]),
        "int_features__backtest_population": population,
        "int_scam_serving__champion": pd.DataFrame([{**model, **times}]),
        "int_scam_training__examples": reference.assign(fit_name="lifetime"),
        "int_scam_serving__inputs": current.assign(read_group=1),
        "scam_evaluation_scores": scores.assign(score=np.linspace(0, 1, len(scores))),
        "scam_raw_scores": current[["address"]].assign(run_id="r", score=score),
    }


@pytest.fixture(scope="module")
def compiled(dbt: DbtProject) -> CompiledProject:
    return dbt.compiled(DRIFT_MODELS)


def drift(
    compiled: CompiledProject,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    labelled: pd.Series | None = None,
) -> dict:
    """`model_drift` of two samples, as rows by feature name."""
    features = [feature["name"] for feature in feature_catalogue()]
    tables = given_tables(reference, current, features, labelled)
    with duckdb.connect() as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach ':memory:' as \"{DATABASE_NAME}\"")
        for name, frame in tables.items():
            create_schema(connection, compiled.nodes[name])
            connection.register("frame", frame)
            connection.execute(f"create table {compiled.relation(name)} as select * from frame")
        build(connection, compiled.lineage(["model_drift"], given=list(tables)))
        rows = connection.execute(f"select * from {compiled.relation('model_drift')}").df()
    return rows.set_index("feature_name").to_dict(orient="index")


def stability_index(reference: pd.Series, current: pd.Series) -> float:
    """Population stability index over deciles of the known reference and one bin of unknowns.

    A value that holds a tenth has its own bin, and at either end a bin beyond it.
    """
    known = np.sort(reference.dropna())
    ranks = np.ceil(np.arange(1, 11) * len(known) / 10).astype(int) - 1
    values, counts = np.unique(known, return_counts=True)
    is_frequent = 10 * counts >= len(known)
    before_frequent = values[:-1][is_frequent[1:]]
    edges = np.unique(np.concatenate([known[ranks], before_frequent]))
    edges = np.concatenate(
        [
            [np.nextafter(values[0], -np.inf) if is_frequent[0] else -np.inf],
            edges[:-1],
            [values[-1] if is_frequent[-1] else np.inf, np.inf],
        ]
    )

    def shares(values: pd.Series) -> np.ndarray:
        bins = np.searchsorted(edges, values.dropna())
        counts = np.append(np.bincount(bins, minlength=len(edges)), values.isna().sum())
        return np.maximum(counts / len(values), 1e-4)

    before, now = shares(reference), shares(current)
    return float(((now - before) * np.log(now / before)).sum())


def test_who_is_too_little_to_be_scored_is_no_drift(compiled: CompiledProject) -> None:
    everyone, current = sample(3000, seed=1), sample(2000, seed=2)
    everyone["tx_count"] = np.where(np.arange(3000) < 300, 2, 9)
    everyone.loc[:299, "hour_mean"] += 20
    found = drift(compiled, everyone, current.assign(tx_count=9))
    expected = drift(compiled, everyone[300:].reset_index(drop=True), current.assign(tx_count=9))
    assert found["hour_mean"] == expected["hour_mean"]
    assert found["score"]["reference_rows"] == 2700


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0])
def test_drift_equals_numpy_and_scipy(compiled: CompiledProject, shift: float) -> None:
    reference, current = sample(3000, seed=1), sample(2000, seed=2)
    current["hour_mean"] += 3 * shift
    current["burstiness"] *= 1 + shift
    current["in_degree"] += np.arange(2000) % 10 < 10 * shift
    found = drift(compiled, reference, current)
    for name in FEATURES:
        expected = stability_index(reference[name], current[name])
        assert found[name]["population_stability_index"] == pytest.approx(expected, rel=1e-9)
        exact = ks_2samp(reference[name].dropna(), current[name].dropna()).statistic
        assert exact - 0.006 <= found[name]["ks_statistic"] <= exact + 1e-12
        assert found[name]["reference_rows"] == 3000
        assert found[name]["current_rows"] == 2000


def test_a_planted_shift_is_caught_and_an_equal_sample_is_not(compiled: CompiledProject) -> None:
    reference, current = sample(3000, seed=1), sample(2000, seed=2)
    equal = drift(compiled, reference, current)
    assert {name: row["drift_level"] for name, row in equal.items()} == dict.fromkeys(
        equal, "stable"
    )
    current["burstiness"] *= 20
    current["avg_gas_price"] = np.nan
    shifted = drift(compiled, reference, current)
    levels = {name for name, row in shifted.items() if row["drift_level"] == "act"}
    assert levels == {"burstiness", "avg_gas_price"}


def test_what_moves_off_a_frequent_value_is_caught(compiled: CompiledProject) -> None:
    """Flags and shares are 0 or 1 for nearly everyone: all deciles may fall on one value."""
    reference, current = sample(3000, seed=1), sample(2000, seed=2)
    row = np.arange(3000)
    planted = {
        "in_degree": (np.zeros(3000), np.where(row % 5 == 0, 7, 0)),
        "burstiness": (np.ones(3000), np.where(row % 5 == 0, 0.5, 1)),
        "hour_mean": (np.where(row % 20 == 0, 0.5, 1), np.where(row % 2 == 0, 0.5, 1)),
        "avg_gas_price": (np.where(row % 400 == 0, 0.5, 1), np.where(row % 2 == 0, 0.5, 1)),
    }
    for name, (values, _) in planted.items():
        reference[name], current[name] = values, values[:2000]
    equal = drift(compiled, reference, current)
    assert {equal[name]["drift_level"] for name in planted} == {"stable"}
    for name, (_, values) in planted.items():
        current[name] = values[:2000]
    shifted = drift(compiled, reference, current)
    for name in planted:
        exact = ks_2samp(reference[name], current[name]).statistic
        assert shifted[name]["drift_level"] == "act"
        assert shifted[name]["ks_statistic"] == pytest.approx(exact, abs=1e-9)
        expected = stability_index(reference[name], current[name])
        assert shifted[name]["population_stability_index"] == pytest.approx(expected, rel=1e-9)


def test_scores_that_move_are_caught(compiled: CompiledProject) -> None:
    reference, current = sample(3000, seed=1), sample(2000, seed=2)
    assert drift(compiled, reference, current)["score"]["drift_level"] == "stable"
    doubled = pd.concat([current, current.assign(address="again " + current.address)])
    few = drift(compiled, reference, doubled.assign(score=0.01))["score"]
    assert few["drift_level"] == "act"
    assert few["current_rows"] == 4000


def test_of_many_addresses_twenty_thousand_are_drawn(compiled: CompiledProject) -> None:
    reference, current = sample(20_500, seed=1), sample(20_500, seed=2)
    found = drift(compiled, reference, current)
    for name in FEATURES:
        assert found[name]["reference_rows"] == found[name]["current_rows"] == 20_000
        assert found[name]["population_stability_index"] < 0.004
        exact = ks_2samp(reference[name].dropna(), current[name].dropna()).statistic
        assert found[name]["ks_statistic"] == pytest.approx(exact, abs=0.006)


def test_a_sample_of_the_unlabelled_is_not_taken_for_drift(dbt: DbtProject) -> None:
    """Trained on every labelled address and a twentieth of the others; all are scored."""
    everyone = sample(40_000, seed=1)
    labelled = pd.Series(np.arange(len(everyone)) < 1500)
    everyone.loc[labelled, "burstiness"] *= 50
    drawn = labelled | (np.arange(len(everyone)) % 20 == 0)
    reference, is_labelled = everyone[drawn], labelled[drawn].to_numpy()
    unweighted = stability_index(reference.burstiness, everyone.burstiness)
    assert unweighted > 0.25
    compiled = dbt.compiled(DRIFT_MODELS, unlabelled_sample_percent=5)
    found = drift(compiled, reference, everyone, is_labelled)["burstiness"]
    assert found["population_stability_index"] < 0.02
    assert found["reference_rows"] == len(reference)
