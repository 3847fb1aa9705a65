"""What a build says at its end is of the run that every model takes for the newest."""

from types import SimpleNamespace

import duckdb

from support import PROJECT_DIRECTORY
from support.macros import macros_of

MACROS = PROJECT_DIRECTORY / "macros"


def test_of_two_runs_of_one_moment_the_same_is_summarised_as_elsewhere() -> None:
    def node(name: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, database="", schema="", alias=name)

    relation = SimpleNamespace(create=lambda *, identifier, **_: identifier)
    macros = macros_of(
        *(MACROS / "run/print_build_summary.sql", MACROS / "scam/champion.sql"),
        graph=SimpleNamespace(nodes={n: node(n) for n in ("scam_models", "scam_lead_times")}),
        api=SimpleNamespace(Relation=relation),
        dbt=SimpleNamespace(type_string=lambda: "varchar"),
        ref=lambda name: name,
        number_text=lambda value, _: f"cast({value} as varchar)",
    )
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
    [(newest, _)] = connection.execute(macros["newest_run"]()).fetchall()
    [(line,)] = connection.execute(macros["lead_time_summary"]()).fetchall()
    assert newest == "b"
    assert "22 later reports" in line
