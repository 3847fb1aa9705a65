"""Metrics of the semantic layer answer what plain SQL does."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from dbt.contracts.graph.semantic_manifest import SemanticManifest

from support import PROJECT_DIRECTORY
from support.dbt_project import DbtProject, Run


@pytest.fixture(scope="module")
def metrics_project(dbt: DbtProject, built_chain: Run, tmp_path_factory) -> Path:
    """What `mf` reads: the project's name, its profile and its parsed metrics."""
    directory = tmp_path_factory.mktemp("metrics")
    shutil.copy(PROJECT_DIRECTORY / "dbt_project.yml", directory)
    # The profile loads the reader of files, which is Python of the project.
    profile = (PROJECT_DIRECTORY / "profiles.yml.example").read_text()
    here = "{{ env_var('DBT_PROJECT_DIR', '.') }}"
    assert here in profile
    (directory / "profiles.yml").write_text(profile.replace(here, str(PROJECT_DIRECTORY)))
    (directory / "target").mkdir()
    manifest = SemanticManifest(dbt.parsed(is_sample=False))
    assert manifest.write_json_to_file(str(directory / "target" / "semantic_manifest.json")) is None
    return directory


def mf(project: Path, database: Path, *arguments: str) -> str:
    """Run MetricFlow on a database; returns what it says."""
    ended = subprocess.run(
        [Path(sys.executable).with_name("mf"), *arguments],
        cwd=project,
        env=os.environ
        | {
            "DUCKDB_PATH": str(database),
            "DBT_PROFILES_DIR": str(project),
            "DBT_PROJECT_DIR": str(project),
        },
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout


def answer(project: Path, database: Path, *arguments: str) -> list[tuple[str, ...]]:
    """Rows of a query, as text."""
    path = project / "answer.csv"
    mf(project, database, "query", *arguments, "--csv", str(path))
    with path.open() as file:
        return sorted(tuple(row) for row in list(csv.reader(file))[1:])


def test_every_metric_can_be_asked_for(metrics_project: Path, built_chain: Run) -> None:
    said = mf(metrics_project, built_chain.database, "validate-configs")
    assert said.count("(ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0)") == 6, said


def test_alerts_by_tier_are_those_of_the_scores(metrics_project: Path, built_chain: Run) -> None:
    rows = answer(metrics_project, built_chain.database, "--saved-query", "alerts_by_tier")
    expected = built_chain.query(
        "select coalesce(risk_tier, ''), count(*) filter (is_alert)"
        " from marts.scam_scores group by risk_tier order by 1"
    )
    assert {tier: int(alerts) for tier, alerts in rows} == dict(expected)
    assert sum(alerts for _, alerts in expected) > 0


def test_alerts_of_a_day_are_those_that_opened(metrics_project: Path, built_chain: Run) -> None:
    rows = answer(metrics_project, built_chain.database, "--saved-query", "alerts_a_day")
    ((day, opened),) = built_chain.query(
        "select strftime(changed_at, '%Y-%m-%d'), count(*) from marts.address_state_changes"
        " where alert_change = 'opened' group by 1"
    )
    # Every other day has a row too, with none.
    assert {date[:10]: int(number) for date, number in rows if int(number)} == {day: opened}
    assert len(rows) > 365


def test_the_scored_share_and_the_delay_are_those_of_the_marts(
    metrics_project: Path, built_chain: Run
) -> None:
    ((share, delay),) = answer(
        metrics_project,
        built_chain.database,
        *("--metrics", "scored_share,median_label_delay_days"),
    )
    ((scored, all_addresses),) = built_chain.query(
        "select count(*) filter (state = 'scored'), count(*) from marts.scam_scores"
    )
    ((median,),) = built_chain.query(
        "select median_delay_days from marts.label_delays where reported_in = 'all'"
    )
    assert float(share) == pytest.approx(scored / all_addresses)
    assert float(delay) == pytest.approx(median)


def test_reviews_of_one_day_count_once(
    metrics_project: Path, built_chain: Run, tmp_path: Path
) -> None:
    built = built_chain.copied(tmp_path)
    reviews = [(1, "2026-01-01 08:00", 1, 1), (2, "2026-01-02 08:00", 2, 1)]
    reviews += [(3, "2026-01-02 09:00", 3, 1), (4, "2026-01-02 10:00", 4, 0)]
    frame = pd.DataFrame(
        reviews, columns=["review_id", "reviewed_at", "decided_alerts", "confirmed_alerts"]
    )
    frame["is_last_of_day"] = frame.review_id.isin([1, 4])
    built.execute(
        "insert into marts.alert_reviews by name select * from frame",
        frame=frame.astype({"reviewed_at": "datetime64[us]"}),
    )
    metrics = ("--metrics", "decided_alerts,confirmed_alerts,reviewed_precision")
    assert answer(metrics_project, built.database, *metrics) == [("4", "0", "0.0")]
    by_day = answer(metrics_project, built.database, *metrics, "--group-by", "metric_time__day")
    assert [counts for _, *counts in by_day] == [["1", "1", "1.0"], ["4", "0", "0.0"]]
