"""What a build says at its end: of the model that scores, and of labels that do not train."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from support import PROJECT_DIRECTORY
from support.macros import macros_of

MACROS = PROJECT_DIRECTORY / "macros"
MARTS = (
    *("scam_models", "scam_model_promotions", "scam_model_metrics", "scam_lead_times"),
    *("address_labels", "int_features__windows", "scam_scores"),
)


def summary(**settings: Any) -> dict[str, Callable[..., Any]]:
    """The macros, with tables called as the models."""

    def node(name: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, database="", schema="", alias=name)

    relation = SimpleNamespace(create=lambda *, identifier, **_: identifier)
    return macros_of(
        *(MACROS / "run/print_build_summary.sql", MACROS / "scam/champion.sql"),
        MACROS / "inputs/labels_known.sql",
        *(MACROS / "run/relations.sql", MACROS / "scam/reviews.sql"),
        graph=SimpleNamespace(nodes={name: node(name) for name in MARTS}),
        api=SimpleNamespace(Relation=relation),
        dbt=SimpleNamespace(type_string=lambda: "varchar"),
        ref=lambda name: name,
        setting=settings.get,
        now_utc=lambda: "timestamp '2026-01-01'",
        number_text=lambda value, _: f"cast({value} as varchar)",
        timestamp_text=lambda column: f"cast({column} as varchar)",
    )


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Figures of two runs of one moment: 11 reports of the run a, 22 of b."""
    connection = duckdb.connect()
    connection.execute(
        "create table scam_models as from (values ('a', timestamp '2022-01-01'),"
        " ('b', timestamp '2022-01-01')) as runs(run_id, trained_at)"
    )
    connection.execute(
        "create table scam_lead_times as select run_id, 'precision_at_100' as figure,"
        " 0.5 as figure_value, 0.4 as interval_low, 0.6 as interval_high, 0.1 as random_value,"
        " cast(null as varchar) as state_reason, if(run_id = 'a', 11, 22) as later_reports,"
        " 'all_cutoffs' as scope_name, 'xgboost' as model_name, 'all' as feature_set"
        " from scam_models"
    )
    connection.execute(
        "create table scam_model_metrics as select run_id, 'deployed' as evaluation,"
        " cast(null as timestamp) as cutoff_at, 'all' as subset, 'xgboost' as model_name,"
        " 'all' as feature_set, 'average_precision' as metric_name, 0.5 as metric_value,"
        " 0.4 as interval_low, 0.6 as interval_high, if(run_id = 'a', 11, 22) as positives,"
        " 100 as examples, 100e0 as unlabelled_sample_percent, 'unlabelled' as negative_labels"
        " from scam_models"
    )
    return connection


def lines(connection: duckdb.DuckDBPyConnection, macro: str, **settings: Any) -> list[str]:
    return [line for (line,) in connection.execute(summary(**settings)[macro]()).fetchall()]


def decide(connection: duckdb.DuckDBPyConnection, a: str, b: str) -> None:
    connection.execute(
        "create table scam_model_promotions as select run_id, trained_at,"
        f" if(run_id = 'a', '{a}', '{b}') as decision, 'not_better' as reason_code,"
        " 'not surely better than the incumbent' as reason from scam_models"
    )


def test_the_figures_are_those_of_the_run_that_scores(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    decide(connection, "champion", "challenger")
    [metrics], [lead_time] = (
        lines(connection, macro) for macro in ("metric_summary", "lead_time_summary")
    )
    assert "11 scams of 100" in metrics
    assert "11 later reports" in lead_time
    assert lines(connection, "champion_summary") == [
        "Scam model: run a scores, and the figures above are its own. The newest run, b, does not"
        " score: not surely better than the incumbent (not_better). To use run b, set the var"
        " champion_run_id to it."
    ]


def test_a_headline_without_tested_scams_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    decide(connection, "champion", "challenger")
    connection.execute(
        "update scam_model_metrics set metric_value = null, interval_low = null,"
        " interval_high = null, positives = 0"
    )
    connection.execute(
        "insert into scam_model_metrics select * replace ('external' as evaluation)"
        " from scam_model_metrics"
    )
    assert lines(connection, "metric_summary") == [
        "Scam model, evaluation deployed: nothing could be measured. 0 scams of 100 addresses."
    ]


def test_figures_of_a_sample_are_called_so(connection: duckdb.DuckDBPyConnection) -> None:
    decide(connection, "champion", "challenger")
    assert lines(connection, "sample_summary") == []
    connection.execute(
        "update scam_model_metrics set unlabelled_sample_percent = 0.05 where run_id = 'a'"
    )
    [line] = lines(connection, "sample_summary")
    assert "all labelled addresses and 0.05 % of the others" in line
    # Labelled non-scams are never drawn.
    connection.execute("update scam_model_metrics set negative_labels = 'labelled'")
    assert lines(connection, "sample_summary") == []


def test_of_two_runs_of_one_moment_the_same_is_the_newest_as_elsewhere(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    [(newest, _)] = connection.execute(summary()["newest_run"]()).fetchall()
    assert newest == "b"
    decide(connection, "retired", "champion")
    assert "22 later reports" in lines(connection, "lead_time_summary")[0]
    assert lines(connection, "champion_summary") == [
        "Scam model: run b scores, and the figures above are its own."
    ]


def test_a_run_that_won_its_trial_is_held_back_by_a_pinned_one(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    decide(connection, "champion", "retired")
    [line] = lines(connection, "champion_summary")
    assert "run a scores" in line
    assert "does not score: the var champion_run_id names another run. To use run b" in line


def test_one_address_is_in_the_singular(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table scam_scores as select unnest(['scored', 'scored', 'not_scored']) as state"
    )
    found = connection.execute(summary()["state_summary"]("Scores", "scam_scores")).fetchall()
    assert found == [("Scores: 1 address not_scored.",), ("Scores: 2 addresses scored.",)]


def test_without_a_run_that_scores_the_newest_is_summarised(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    decide(connection, "challenger", "challenger")
    assert "22 later reports" in lines(connection, "lead_time_summary")[0]
    [line] = lines(connection, "champion_summary")
    assert "no run scores, and the figures above are those of run b." in line
    assert line.endswith("(not_better).")


@pytest.mark.parametrize(("reviews", "late"), [(False, 1), (True, 2)])
def test_scams_reported_after_the_last_transaction_are_counted(
    connection: duckdb.DuckDBPyConnection, reviews: bool, late: int
) -> None:
    connection.execute(
        "create table int_features__windows as from (values"
        " ('past', timestamp '2020-01-01'), ('lifetime', timestamp '2021-01-01'))"
        " as windows(window_name, window_end)"
    )
    connection.execute(
        "create table address_labels as select *, reported_at is not null as is_report_time_known"
        " from (values"
        " ('list', 'scam', 'training', timestamp '2020-06-01', null),"
        " ('list', 'scam', 'training', timestamp '2021-06-01', null),"
        " ('reviews', 'scam', 'training', timestamp '2021-06-01', null),"
        " ('list', 'scam', 'training', timestamp '2021-06-01', timestamp '2021-07-01'),"
        " ('list', 'scam', 'external', timestamp '2021-06-01', null),"
        " ('list', 'benign', 'training', timestamp '2021-06-01', null),"
        " ('list', 'scam', 'training', null, null))"
        " as labels(source, label_kind, usage, reported_at, valid_to)"
    )
    [line] = lines(connection, "label_summary", train_on_reviews=reviews)
    assert line.startswith("Labels: 6 of scams, 1 of benign")
    assert line.endswith(
        f"1 of 7. Reported after the last transaction: {late} of scams, which do not train the"
        " model that scores."
    )
    connection.execute("delete from address_labels where reported_at >= timestamp '2021-01-01'")
    [line] = lines(connection, "label_summary", train_on_reviews=reviews)
    assert line.endswith("1 of 2.")
