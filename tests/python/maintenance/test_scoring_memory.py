"""The measure of scoring runs: nothing else in the tests calls it."""

import sys

import pytest

from maintenance import scoring_memory


def test_every_address_is_scored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--addresses", "2000", "--features", "5", "--rounds", "10"]
    monkeypatch.setattr(sys, "argv", ["command", *sizes])
    scoring_memory.main()
    assert "2,000 addresses with 5 features scored by 10 trees" in capsys.readouterr().out
