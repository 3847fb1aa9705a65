"""On BigQuery the same queries run with bound parameters, a cap on bytes and a cache."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from commands.lookup.bigquery import BigQueryCopies, BigQueryCopy
from commands.lookup.problems import Problem
from commands.lookup.queries import bigquery_text, query
from commands.lookup.reviews.store import ReviewStore
from commands.lookup.service import Service
from commands.lookup.settings import Settings

ADDRESS = "0x" + 40 * "7"
SCHEMAS = {"marts": "`p`.`d_marts`", "intermediate": "`p`.`d_intermediate`"}


class Client:
    """Keeps what it is asked."""

    def __init__(self, answer: Callable[[str], list[dict]]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Any]] = []

    def query(self, text: str, job_config: Any) -> Any:
        self.asked.append((text, job_config))
        return SimpleNamespace(result=lambda: self.answer(text))


def test_an_address_is_bound_and_filters_every_table() -> None:
    client = Client(lambda text: [{"address": ADDRESS, "at": datetime(2024, 1, 1, tzinfo=UTC)}])
    copy = BigQueryCopy(client, SCHEMAS, 1234)
    row = copy.row(query("address"), address=ADDRESS)
    assert row == {"address": ADDRESS, "at": datetime(2024, 1, 1)}
    [(text, configuration)] = client.asked
    assert ADDRESS not in text
    assert "{" not in text
    # In each of the five tables and outside.
    assert text.count("address = @address") == 6
    assert configuration.maximum_bytes_billed == 1234
    [bound] = configuration.query_parameters
    assert (bound.name, bound.type_, bound.value) == ("address", "STRING", ADDRESS)
    copy.row(query("address"), address=ADDRESS)
    assert len(client.asked) == 1
    copy.rows(query("addresses"), addresses=[ADDRESS])
    assert "address in unnest(@addresses)" in client.asked[1][0]


def test_answers_are_forgotten_when_the_data_move(monkeypatch: pytest.MonkeyPatch) -> None:
    days = iter([1, 2])
    client = Client(
        lambda text: [{"data_through": datetime(2024, 1, next(days))}] if "champion" in text else []
    )
    monkeypatch.setattr("commands.lookup.bigquery.CHECK_SECONDS", 0)
    copies = BigQueryCopies(BigQueryCopy(client, SCHEMAS, 1))
    for _ in range(2):
        with copies.use() as copy:
            copy.rows(query("address"), address=ADDRESS)
    assert [("champion" in text) for text, _ in client.asked] == [True, False, True, False]


def test_what_would_read_everybodys_events_is_refused() -> None:
    client = Client(lambda text: [])
    with pytest.raises(Problem) as caught:
        BigQueryCopy(client, SCHEMAS, 1).rows(query("transactions"))
    assert (caught.value.status, client.asked) == (501, [])


def test_what_a_build_has_yet_to_score_waits_for_it(tmp_path: Path) -> None:
    row = {"state": "not_scored", "state_reason": "waits for the next scoring run"}
    text = bigquery_text("address", SCHEMAS, {"address": ADDRESS})
    names = re.findall(r"as (\w+),?\n|\.(\w+),?\n", text)
    blank = dict.fromkeys([one or other for one, other in names])
    client = Client(lambda text: [blank | {"profile_state": None} | row])
    copies = BigQueryCopies(BigQueryCopy(client, SCHEMAS, 1))
    reviews = ReviewStore(f"sqlite:///{tmp_path}/reviews.sqlite")
    service = Service(Settings(), copies, reviews)
    with copies.use() as copy:
        copy.origin |= {"data_through": None, "run_id": "run"}
        answer = service.address(copy, ADDRESS, None)
    reviews.close()
    assert (answer["state"], answer["state_code"]) == ("not_scored", "waits_for_build")
    assert answer["computed_on_request"] is False
