"""On BigQuery the same queries run with bound parameters, a cap on bytes and a cache."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from commands.lookup.__main__ import _warehouse
from commands.lookup.bigquery import BigQueryCopies, BigQueryCopy
from commands.lookup.problems import Problem
from commands.lookup.queries import bigquery_text, query
from commands.lookup.reviews.store import ReviewStore
from commands.lookup.service import Service, etag
from commands.lookup.settings import Settings
from support.serving import Server

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


def test_a_query_may_bill_what_one_of_a_build_may(dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    # Before it runs one, BigQuery compares the cap with the columns of whole tables.
    client = Client(lambda text: [ORIGIN])
    monkeypatch.setattr("dbt.adapters.bigquery.clients.create_bigquery_client", lambda _: client)
    monkeypatch.setenv("DBT_PROFILES_DIR", str(dbt.directory))
    monkeypatch.setenv("BIGQUERY_PROJECT", "my-project")
    monkeypatch.setenv("BIGQUERY_MAXIMUM_BYTES_BILLED", "1000000000000")
    with _warehouse("bigquery").use() as copy:
        copy.rows(query("address"), address=ADDRESS)
    caps = [configuration.maximum_bytes_billed for _, configuration in client.asked]
    assert caps == [10**12, 10**12]


ORIGIN = {
    "copy_id": "1700000000-180",
    "published_at": datetime(2024, 1, 2, tzinfo=UTC),
    "data_through": datetime(2024, 1, 1, tzinfo=UTC),
    "run_id": "run",
    "model_name": "model",
    "feature_set": "all",
    "profile_run_id": None,
    "addresses": 1,
    "is_simulated": False,
}


@pytest.fixture
def always_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request looks whether a build has ended."""
    monkeypatch.setattr("commands.lookup.bigquery.CHECK_SECONDS", 0)


def asked_of_origin(text: str) -> bool:
    return "int_scam_serving__champion" in text


@pytest.mark.usefixtures("always_looks")
@pytest.mark.parametrize(
    "moved",
    [
        # What moves when a build ends that retrained, or read other labels, of the same data.
        {"copy_id": "1700090000-360"},
        {"run_id": "another"},
        {"data_through": datetime(2024, 1, 2, tzinfo=UTC)},
    ],
)
def test_answers_are_forgotten_when_a_build_has_ended(moved: dict[str, Any]) -> None:
    origin = dict(ORIGIN)
    client = Client(lambda text: [dict(origin)] if asked_of_origin(text) else [])
    copies = BigQueryCopies(BigQueryCopy(client, SCHEMAS, 1))
    for change in ({}, {}, moved):
        origin |= change
        with copies.use() as copy:
            copy.rows(query("address"), address=ADDRESS)
    looked = [True, False, True, True, False]
    assert [asked_of_origin(text) for text, _ in client.asked] == looked
    # Its rows are written when a build ends.
    assert "`p`.`d_marts`.build_runs" in client.asked[0][0]


@pytest.mark.usefixtures("always_looks")
def test_an_answer_read_while_a_build_ended_is_not_kept() -> None:
    origin, state = dict(ORIGIN), {"now": "yesterday"}
    copies = BigQueryCopies(BigQueryCopy(Client(lambda text: answer(text)), SCHEMAS, 1))

    def answer(text: str) -> list[dict]:
        if asked_of_origin(text):
            return [dict(origin)]
        read = [{"state": state["now"]}]
        if state["now"] == "yesterday":
            # The build ends, and another request looks, before this answer has arrived.
            state["now"], origin["copy_id"] = "today", "1700090000-360"
            with copies.use() as copy:
                assert copy.origin["copy_id"] == origin["copy_id"]
        return read

    tags = []
    for expected in ("yesterday", "today"):
        with copies.use() as copy:
            row = copy.row(query("address"), address=ADDRESS)
            # Both of one build, from the start of a request to its end.
            tags.append(etag(copy))
        assert row == {"state": expected}
    assert tags == ['"20240101T000000-1700000000-180"', '"20240101T000000-1700090000-360"']


def test_before_the_first_training_the_model_is_a_state(tmp_path: Path) -> None:
    champion = {"run_id": None, "model_name": None, "feature_set": None}
    client = Client(lambda text: [ORIGIN | champion] if asked_of_origin(text) else [])
    settings = Settings(reviews_url=f"sqlite:///{tmp_path}/reviews.sqlite")
    server = Server(settings, BigQueryCopies(BigQueryCopy(client, SCHEMAS, 1)))
    answer = server.get("/v1/model")
    page = server.get("/model", headers={"accept": "text/html"})
    server.stop()
    assert (answer.status_code, answer.json()["state"]) == (200, "not_trained")
    assert page.status_code == 200
    assert "needs labels of scams" in page.text
    bound = {
        (parameter.name, parameter.type_, parameter.value)
        for _, configuration in client.asked
        for parameter in configuration.query_parameters
    }
    assert bound == {(name, "STRING", None) for name in champion}


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
