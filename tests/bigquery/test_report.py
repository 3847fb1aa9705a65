"""Queries of report and profile are valid for Google's analyser; the emulator fills the report."""

import functools
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from dbt_on_emulator import Build, EmulatedProject

import commands.profile
import commands.report
from commands.report.__main__ import main
from commands.report.investors.distributions import WHAT
from commands.report.scam.amounts import AMOUNTS
from maintenance.bigquery_sql import zetasql_engine as engine
from maintenance.bigquery_sql.columns import InferredColumns
from maintenance.bigquery_sql.compiled import compiled

# Columns that stand for {feature}.
FEATURES = [*WHAT, *(amount.column for amount in AMOUNTS.values())]


def queries() -> dict[str, str]:
    """Every statement of report and profile by module and name, once for each feature."""
    found = {}
    modules = [
        *pkgutil.walk_packages(commands.report.__path__, "commands.report."),
        *pkgutil.walk_packages(commands.profile.__path__, "commands.profile."),
    ]
    for module in modules:
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            is_statement = isinstance(value, str) and re.match(r"\s*(select|with)\b", value)
            # A common part of several statements ends with a bracket.
            if name.isupper() and is_statement and not value.rstrip().endswith(")"):
                for feature in FEATURES if "{feature}" in value else [""]:
                    label = (
                        f"{module.name.removeprefix('commands.report.')}.{name} {feature}".strip()
                    )
                    found[label] = value.replace("{feature}", feature)
    return found


QUERIES = queries()


def analysed(sql: str) -> dict[str, str]:
    """Columns and types of a statement over the tables it names."""
    tables = set()

    def quoted(match: re.Match) -> str:
        node = compiled("sample")[match[2]]
        assert node.relation[1].endswith(match[1]), "in another schema"
        tables.add(engine.Table(node.relation, columns().of(node.unique_id)))
        return node.quoted_relation

    text = re.sub(r"\{(\w+)\}\.(\w+)", quoted, sql)
    return dict(engine.analyse(text, tuple(tables), has_parameters=True))


@functools.cache
def columns() -> InferredColumns:
    return InferredColumns(compiled("sample"))


def test_all_statements_are_found():
    assert len(QUERIES) > 25
    assert {"scam.curves.CURVE", "commands.profile.tables.LAST_BUILD"} <= set(QUERIES)


@pytest.mark.parametrize("name", QUERIES)
def test_every_statement_is_valid(name: str):
    assert analysed(QUERIES[name])


def test_the_page_is_filled_on_the_emulator(
    project: EmulatedProject, sample_build: Build, tmp_path: Path
):
    out = tmp_path / "report.html"
    assert main(["--out", str(out), "--profiles-dir", str(project.directory)]) == 0
    text = out.read_text(encoding="utf-8")
    assert re.findall(r"Not shown: .*", text) == []
    assert "<strong>Simulated data</strong>" in text
    assert "BigQuery dataset" in text
