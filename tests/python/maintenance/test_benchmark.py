"""The benchmark's command runs: nothing else in the tests calls it."""

import json
import sys
from pathlib import Path

import pytest

from maintenance.benchmark import __main__ as benchmark
from maintenance.benchmark import power_law
from maintenance.benchmark.increment import Increment
from support.dbt_project import DbtProject


def test_chosen_contenders_are_measured_on_a_directory(
    dbt: DbtProject,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def day(chain_data: Path) -> Increment:
        return Increment(10.0, 1.0, 5, 7)

    def run(module, *arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        module.main()

    def compiled(directory: Path, select: str, chain_data: Path) -> None:
        manifest = dbt.compiled_manifest(select, chain=chain_data)
        (directory / "target").mkdir()
        text = json.dumps(manifest, default=str)
        (directory / "target" / "manifest.json").write_text(text)

    # In this process dbt knows the project already.
    monkeypatch.setattr(benchmark, "compile_project", compiled)
    # Three runs of dbt, which tests of loads make anyway.
    monkeypatch.setattr(benchmark, "one_more_day", day)
    monkeypatch.setattr(benchmark, "DATA", tmp_path / "scratch")
    run(power_law, "--transactions", 2000, "--out", tmp_path / "chain")
    contenders = ("--contenders", "floor", "project", "dictionary")
    run(benchmark, "--data", tmp_path / "chain", "--rounds", 1, *contenders)
    printed = capsys.readouterr().out
    assert "| 2,000 |" in printed
    assert "| project |" in printed
    assert "| dictionary |" in printed
    assert "| polars |" not in printed
    assert "| 2,000 | 5 | 10.0 | 1.0 | 10% | 7 |" in printed
