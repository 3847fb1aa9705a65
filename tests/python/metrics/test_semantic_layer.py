"""Metrics of the semantic layer answer what plain SQL does."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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


# Starting MetricFlow takes longer than its answer.
ONE_PROCESS = """
import json, sys
from dbt_metricflow.cli.main import cli
for arguments in json.loads(sys.argv[1]):
    cli(arguments, standalone_mode=False)
"""

# What is asked of the built marts, by name.
QUERIES = {
    "alerts by tier": ["--saved-query", "alerts_by_tier"],
    "alerts a day": ["--saved-query", "alerts_a_day"],
    "share and delay": ["--metrics", "scored_share,median_label_delay_days"],
}


@dataclass(frozen=True)
class Said:
    """What MetricFlow printed, and the rows of its answers as text, by the name of the query."""

    printed: str
    rows: dict[str, list[tuple[str, ...]]]


def mf(
    project: Path, database: Path, queries: dict[str, list[str]], *commands: Sequence[str]
) -> Said:
    """Run MetricFlow's commands and queries on a database, all in one process."""
    paths = {name: project / f"{name}.csv" for name in queries}
    asked = [["query", *options, "--csv", str(paths[name])] for name, options in queries.items()]
    ended = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS, json.dumps([*commands, *asked])],
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
    return Said(ended.stdout, {name: rows_of(path) for name, path in paths.items()})


def rows_of(path: Path) -> list[tuple[str, ...]]:
    with path.open() as file:
        return sorted(tuple(row) for row in list(csv.reader(file))[1:])


@pytest.fixture(scope="module")
def said(metrics_project: Path, built_chain: Run) -> Said:
    return mf(metrics_project, built_chain.database, QUERIES, ["validate-configs"])


def test_every_metric_can_be_asked_for(said: Said) -> None:
    assert said.printed.count("(ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0)") == 6, said.printed


def test_alerts_by_tier_are_those_of_the_scores(said: Said, built_chain: Run) -> None:
    expected = built_chain.query(
        "select coalesce(risk_tier, ''), count(*) filter (is_alert)"
        " from marts.scam_scores group by risk_tier order by 1"
    )
    assert {tier: int(alerts) for tier, alerts in said.rows["alerts by tier"]} == dict(expected)
    assert sum(alerts for _, alerts in expected) > 0


def test_alerts_of_a_day_are_those_that_opened(said: Said, built_chain: Run) -> None:
    rows = said.rows["alerts a day"]
    ((day, opened),) = built_chain.query(
        "select strftime(changed_at, '%Y-%m-%d'), count(*) from marts.address_state_changes"
        " where alert_change = 'opened' group by 1"
    )
    # Every other day has a row too, with none.
    assert {date[:10]: int(number) for date, number in rows if int(number)} == {day: opened}
    assert len(rows) > 365


def test_the_scored_share_and_the_delay_are_those_of_the_marts(
    said: Said, built_chain: Run
) -> None:
    ((share, delay),) = said.rows["share and delay"]
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
    metrics = ["--metrics", "decided_alerts,confirmed_alerts,reviewed_precision"]
    queries = {"in all": metrics, "by day": [*metrics, "--group-by", "metric_time__day"]}
    rows = mf(metrics_project, built.database, queries).rows
    assert rows["in all"] == [("4", "0", "0.0")]
    assert [counts for _, *counts in rows["by day"]] == [["1", "1", "1.0"], ["4", "0", "0.0"]]
