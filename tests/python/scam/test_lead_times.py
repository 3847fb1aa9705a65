"""The lead times in SQL equal a plain count, over generated queues and reports."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest

from maintenance.compiled_project import (
    DATABASE_NAME,
    build,
    create_schema,
    duckdb_settings,
)
from support import scam_inputs
from support.dbt_project import DbtProject

CUTOFFS = {
    "past_to_2020_01_01": pd.Timestamp("2020-01-01"),
    "past_to_2020_02_01": pd.Timestamp("2020-02-01"),
    "past_to_2020_03_01": pd.Timestamp("2020-03-01"),
}
REPORTS_UNTIL = pd.Timestamp("2020-08-20")
QUEUE_ADDRESSES = 150
GIVEN = [
    "scam_evaluation_scores",
    "int_scam_evaluation__run_reports",
    "int_scam_evaluation__run_evaluations",
]
MODELS = [("xgboost", "all"), ("null_model", "total_amount_incoming")]


def run_reports() -> pd.DataFrame:
    """Of 200 addresses every fifth is reported some time after the first cutoff."""
    rng = np.random.default_rng(5)
    addresses = scam_inputs.addresses(200)[::5]
    reported_at = CUTOFFS["past_to_2020_01_01"] + pd.to_timedelta(
        rng.integers(1, 230 * 86400, len(addresses)), unit="s"
    )
    rows = pd.DataFrame({"address": addresses, "first_reported_at": reported_at})
    parts = []
    for fit_name, cutoff in CUTOFFS.items():
        later = rows[rows.first_reported_at > cutoff]
        # The last ones of each cutoff have no event by then.
        is_seen = later.address < scam_inputs.addresses(200)[QUEUE_ADDRESSES]
        parts.append(later.assign(fit_name=fit_name, cutoff_at=cutoff, is_seen_by_cutoff=is_seen))
    return pd.concat(parts).assign(run_id="run", reports_until=REPORTS_UNTIL)


def evaluation_scores(reports: pd.DataFrame) -> pd.DataFrame:
    """The queue of each cutoff: the first 150 addresses, without those reported before."""
    rng = np.random.default_rng(6)
    addresses = scam_inputs.addresses(QUEUE_ADDRESSES)
    ever_reported = set(reports.address)
    parts = []
    for model_name, feature_set in MODELS:
        for fit_name in CUTOFFS:
            later = set(reports[reports.fit_name == fit_name].address)
            queue = [one for one in addresses if one in later or one not in ever_reported]
            is_scam = np.array([one in later for one in queue])
            signal = is_scam * (model_name == "xgboost")
            parts.append(
                pd.DataFrame(
                    {
                        "fit_name": fit_name,
                        "model_name": model_name,
                        "feature_set": feature_set,
                        "address": queue,
                        "is_scam": is_scam,
                        "score": 1 / (1 + np.exp(-rng.normal(signal, 1))),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True).assign(run_id="run", evaluation="lead_time")


def run_evaluations() -> pd.DataFrame:
    rows = pd.DataFrame({"fit_name": CUTOFFS.keys(), "cutoff_at": CUTOFFS.values()})
    return rows.assign(run_id="run", evaluation="lead_time", unlabelled_sample_percent=100.0)


REPORTS = run_reports()
SCORES = evaluation_scores(REPORTS)


@pytest.fixture(scope="module")
def lead_times(dbt: DbtProject) -> Iterator[pd.DataFrame]:
    compiled = dbt.compiled(" ".join(GIVEN) + " +scam_lead_times")
    with duckdb.connect() as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach ':memory:' as \"{DATABASE_NAME}\"")
        for name, frame in zip(GIVEN, [SCORES, REPORTS, run_evaluations()], strict=True):
            create_schema(connection, compiled.nodes[name])
            connection.register("frame", frame)
            connection.execute(f"create table {compiled.relation(name)} as select * from frame")
        build(connection, compiled.lineage(["scam_lead_times"], given=GIVEN))
        yield connection.execute(f"select * from {compiled.relation('scam_lead_times')}").df()


def first(model_name: str, fit_name: str, k: int) -> list[str]:
    """The first k addresses of a queue. No two scores are equal."""
    is_asked = (SCORES.model_name == model_name) & (SCORES.fit_name == fit_name)
    return list(SCORES[is_asked].sort_values("score", ascending=False).address.head(k))


def days_ahead(model_name: str, scope: str) -> dict[str, float]:
    """By address found, the days from the first queue that had it to its report."""
    ahead: dict[str, float] = {}
    for fit in CUTOFFS if scope == "all_cutoffs" else [scope]:
        later = REPORTS[REPORTS.fit_name == fit].set_index("address").first_reported_at
        for one in first(model_name, fit, 100):
            if one in later.index:
                days = (later[one] - CUTOFFS[fit]) / pd.Timedelta("1D")
                ahead[one] = max(ahead.get(one, 0), days)
    return ahead


def counted(model_name: str, scope: str) -> dict[str, tuple[float, int]]:
    """Each figure with how many addresses it counts, in plain loops."""
    fits = list(CUTOFFS) if scope == "all_cutoffs" else [scope]
    later = {fit: REPORTS[REPORTS.fit_name == fit].set_index("address") for fit in fits}
    figures = {}
    for k in (10, 50, 100):
        queued = {one for fit in fits for one in first(model_name, fit, k)}
        hits = {one for fit in fits for one in first(model_name, fit, k) if one in later[fit].index}
        figures[f"precision_at_{k}"] = (len(hits) / len(queued), len(queued))
    for days in (30, 90, 180):
        asked, found = set(), set()
        for fit in fits:
            end = CUTOFFS[fit] + pd.Timedelta(days=days)
            if end <= REPORTS_UNTIL:
                soon = set(later[fit][later[fit].first_reported_at <= end].index)
                asked |= soon
                found |= soon & set(first(model_name, fit, 100))
        if asked:
            figures[f"recall_within_{days}_days"] = (len(found) / len(asked), len(asked))
    ahead = days_ahead(model_name, scope)
    figures["median_days_ahead"] = (float(np.median(list(ahead.values()))), len(ahead))
    seen = {one for fit in fits for one in later[fit][later[fit].is_seen_by_cutoff].index}
    reported = {one for fit in fits for one in later[fit].index}
    figures["not_yet_seen_share"] = (len(reported - seen) / len(reported), len(reported))
    return figures


@pytest.mark.parametrize("scope", [*CUTOFFS, "all_cutoffs"])
@pytest.mark.parametrize("model_name", ["xgboost", "null_model"])
def test_figures_are_those_of_a_plain_count(
    lead_times: pd.DataFrame, model_name: str, scope: str
) -> None:
    is_asked = (lead_times.model_name == model_name) & (lead_times.scope_name == scope)
    found = lead_times[is_asked].set_index("figure")
    expected = counted(model_name, scope)
    for name, (value, trials) in expected.items():
        assert found.figure_value[name] == pytest.approx(value, rel=1e-12), name
        assert found.trials[name] == trials, name
        if name != "median_days_ahead":
            interval = binomtest(round(value * trials), trials).proportion_ci(method="wilson")
            assert found.interval_low[name] == pytest.approx(interval.low, abs=1e-12), name
            assert found.interval_high[name] == pytest.approx(interval.high, abs=1e-12), name
        assert found.state[name] == ("measured" if trials >= 10 else "few_reports"), name
    missing = set(found.index) - set(expected)
    assert found.figure_value[list(missing)].isna().all()
    assert set(found.state[list(missing)]) <= {"days_not_over", "nothing_counted"}


def test_the_last_cutoff_has_no_recall_of_half_a_year(lead_times: pd.DataFrame) -> None:
    is_last = lead_times.scope_name == "past_to_2020_03_01"
    row = lead_times[is_last & (lead_times.figure == "recall_within_180_days")]
    assert set(row.state) == {"days_not_over"}


def test_a_random_order_finds_what_chance_does(lead_times: pd.DataFrame) -> None:
    rng = np.random.default_rng(7)
    fits = list(CUTOFFS)
    queues = {
        fit: SCORES[(SCORES.fit_name == fit) & (SCORES.model_name == "xgboost")].address.to_numpy()
        for fit in fits
    }
    soon = {
        fit: set(
            REPORTS[
                (REPORTS.fit_name == fit)
                & (REPORTS.first_reported_at <= CUTOFFS[fit] + pd.Timedelta(days=90))
            ].address
        )
        for fit in fits
    }
    asked = set.union(*soon.values())
    shares = []
    for _ in range(2000):
        found = {
            one for fit in fits for one in rng.permutation(queues[fit])[:100] if one in soon[fit]
        }
        shares.append(len(found) / len(asked))
    is_asked = (lead_times.scope_name == "all_cutoffs") & (lead_times.model_name == "xgboost")
    row = lead_times[is_asked & (lead_times.figure == "recall_within_90_days")].iloc[0]
    assert row.random_value == pytest.approx(np.mean(shares), abs=0.01)


@pytest.mark.parametrize("scope", [*CUTOFFS, "all_cutoffs"])
def test_the_interval_of_the_median_holds_the_true_one_95_times_in_100(
    lead_times: pd.DataFrame, scope: str
) -> None:
    is_asked = (lead_times.model_name == "xgboost") & (lead_times.scope_name == scope)
    row = lead_times[is_asked & (lead_times.figure == "median_days_ahead")].iloc[0]
    ordered = sorted(days_ahead("xgboost", scope).values())
    assert len(ordered) >= 10
    low, high = (
        int(np.argmin(np.abs(np.array(ordered) - end)))
        for end in (row.interval_low, row.interval_high)
    )
    # How many of so many values lie below the true median is binomial.
    below = binom(len(ordered), 0.5)
    assert 0.94 <= below.cdf(high) - below.cdf(low) <= 0.99
