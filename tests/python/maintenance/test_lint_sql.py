"""`make lint` gives sqlfluff every SQL file once, and fails if it finds anything."""

from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest
from sqlfluff.core import Linter
from sqlfluff_templater_dbt.templater import DbtTemplater

from maintenance import PROJECT_DIRECTORY, lint_sql


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file with the names that sqlfluff is given; it finds a fault in the last of them."""
    monkeypatch.chdir(PROJECT_DIRECTORY)
    path = tmp_path / "names"
    last = str(lint_sql.files()[-1])

    def sqlfluff(arguments: list[str]) -> None:
        given = [name for name in arguments if name.endswith(".sql")]
        with path.open("a") as file:
            file.write("".join(f"{name}\n" for name in given))
        raise SystemExit(last in given)

    monkeypatch.setattr(lint_sql, "cli", sqlfluff)
    monkeypatch.setattr(lint_sql, "parsed", lambda: Manifest())
    monkeypatch.setattr(DbtTemplater, "dbt_manifest", None)
    return path


def test_every_file_is_looked_at_once_and_one_fault_is_enough(names: Path) -> None:
    assert lint_sql.main() == 1
    found = sorted(PROJECT_DIRECTORY.glob("models/**/*.sql"))
    found += PROJECT_DIRECTORY.glob("tests/*.sql")
    assert sorted(names.read_text().splitlines()) == sorted(
        str(path.relative_to(PROJECT_DIRECTORY)) for path in found
    )


def test_a_project_that_does_not_parse_is_not_linted(
    names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint_sql, "parsed", lambda: None)
    assert lint_sql.main() == 1
    assert not names.exists()


def test_each_file_has_its_own_depths() -> None:
    ones, others = (
        Linter(dialect="duckdb").parse_string(sql).tree for sql in ("select 1", "select (2)")
    )
    for tree in (ones, others, ones):
        known = lint_sql.depths(tree)
        assert lint_sql.depths(tree) is known
        assert set(known.depth_info) == {token.uuid for token in tree.raw_segments}
