"""Drift in SQL equals NumPy and SciPy; a planted shift is caught, an equal sample is not.

The project's compiled SQL runs in DuckDB from training examples to `model_drift`.
"""

import re

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from tools.compiled_project import (
    DATABASE_NAME,
    CompiledProject,
    build,
    compile_project,
    create_schema,
    duckdb_settings,
)

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


def given_tables(reference: pd.DataFrame, current: pd.DataFrame, features: list[str]) -> dict:
    """Rows of the relations that drift is computed from."""
    model = {"run_id": "r", "model_name": "xgboost", "feature_set": "without_absolute_time"}
    others = pd.DataFrame(index=range(len(reference)), columns=features, dtype="float64")
    reference = others.assign(**{name: reference[name].to_numpy() for name in reference})
    current = others.reindex(range(len(current))).assign(
        **{name: current[name].to_numpy() for name in current}
    )
    times = {"trained_at": pd.Timestamp("2024-01-01"), "view": "lifetime"}
    scores = reference[["address"]].assign(**model, view="lifetime", split="validation")
    return {
        "scam_models": pd.DataFrame([{**model, **times}]),
        "int_scam_champion": pd.DataFrame([{**model, **times}]),
        "int_scam_training_examples": reference.assign(fit_name="lifetime", split="train"),
        "int_scam_scoring_inputs": current,
        "scam_evaluation_scores": scores.assign(score=np.linspace(0, 1, len(scores))),
        "scam_raw_scores": current[["address"]].assign(
            run_id="r", score=np.linspace(0, 1, len(current))
        ),
    }


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return compile_project(
        tmp_path_factory.mktemp("compiled"),
        "int_scam_drift_references int_scam_drift_points model_drift",
    )


def drift(compiled: CompiledProject, reference: pd.DataFrame, current: pd.DataFrame) -> dict:
    """`model_drift` of two samples, as rows by feature name."""
    points = compiled.nodes["int_scam_drift_points"].query
    features = re.findall(r"'(\w+)' as feature_name", points)
    tables = given_tables(reference, current, [name for name in features if name != "score"])
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
    """Population stability index over deciles of the known reference and one bin of unknowns."""
    known = np.sort(reference.dropna())
    ranks = np.ceil(np.arange(1, 11) * len(known) / 10).astype(int) - 1
    edges = np.unique(known[ranks])

    def shares(values: pd.Series) -> np.ndarray:
        bins = np.minimum(np.searchsorted(edges, values.dropna()), len(edges) - 1)
        counts = np.append(np.bincount(bins, minlength=len(edges)), values.isna().sum())
        return np.maximum(counts / len(values), 1e-4)

    before, now = shares(reference), shares(current)
    return float(((now - before) * np.log(now / before)).sum())


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
        assert exact - 0.011 <= found[name]["ks_statistic"] <= exact + 1e-12
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
