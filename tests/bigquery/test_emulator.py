"""The emulator is fresh and always stopped, and what is mended in it was broken."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator import Emulator, running_emulator
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

ENDINGS = [ValueError("a test failed"), KeyboardInterrupt()]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda it: type(it).__name__)
def test_it_is_stopped_after_a_failure_too(tmp_path: Path, ending: BaseException) -> None:
    started = []

    def tests() -> None:
        with running_emulator(tmp_path / "log") as emulator:
            assert emulator.is_ready()
            started.append(emulator)
            raise ending

    with pytest.raises(type(ending)):
        tests()
    (emulator,) = started
    with pytest.raises(urllib.error.URLError):
        emulator.is_ready()
    assert not is_running(emulator.process_id)


def test_it_ends_when_the_tests_are_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time, emulator, pathlib\n"
        "with emulator.running_emulator(pathlib.Path(sys.argv[1])) as running:\n"
        "    print(running.process_id, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log")],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        emulator = int(tests.stdout.readline())
        assert is_running(emulator)
        tests.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_running(emulator) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_running(emulator)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    # An ended process whose parent was killed waits for the system to take note.
    return Path(f"/proc/{process_id}/stat").read_text().rsplit(")")[1].split()[0] != "Z"


def test_it_says_why_it_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BQEMU_MAX_CONCURRENT_JOBS", "none")
    with (
        pytest.raises(RuntimeError, match="max_concurrent_jobs"),
        running_emulator(tmp_path / "log"),
    ):
        pass


def connect(emulator: Emulator) -> bigquery.Client:
    return bigquery.Client(
        "emulated",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator.rest_url},
        location="US",
    )


@pytest.fixture(scope="module")
def as_published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bigquery.Client]:
    log = tmp_path_factory.mktemp("as_published") / "log"
    with (
        running_emulator(log, is_mended=False) as emulator,
        connect(emulator) as client,
    ):
        client.query("create schema faults").result()
        client.query("create table faults.one as select 1 as a").result()
        yield client


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bigquery.Client]:
    with (
        running_emulator(tmp_path_factory.mktemp("mended") / "log") as emulator,
        connect(emulator) as client,
    ):
        client.query("create schema faults").result()
        client.query("create table faults.one as select 1 as a").result()
        yield client


def value(sql: str) -> Callable[[bigquery.Client], Any]:
    """The only value of a query."""
    return lambda client: next(iter(client.query(sql).result()))[0]


def rows_of_a_failed_query(client: bigquery.Client) -> int:
    return len(list(client.query_and_wait("select b from faults.one")))


def value_in_the_destination(client: bigquery.Client) -> int:
    config = bigquery.QueryJobConfig(destination="emulated.faults.destination")
    client.query("select 2 as a", job_config=config).result()
    return value("select a from faults.destination")(client)


def dataset_of_a_session_table(client: bigquery.Client) -> str:
    job = client.query("CREATE TEMP TABLE `_SESSION`.`uploaded` (a int64)")
    job.result()
    return client.get_table(job.destination).table_id


def location_of_a_table(client: bigquery.Client) -> str | None:
    return client.get_table("emulated.faults.one").location


FAILS = "fails"

MENDED = {
    # fault: what shows it, what BigQuery answers, what the emulator answers as published
    "div of a difference": (value("select div(a - 1, 2) from unnest([7]) as a"), 3, 7),
    "numeric": (value("select safe_cast('2500000000000000000' as numeric) is null"), False, True),
    "digits of bignumeric": (
        value("select safe_cast(concat('1', repeat('0', 34)) as bignumeric) is null"),
        False,
        True,
    ),
    "bignumeric from a double": (
        value(
            "select cast(cast(x as bignumeric) as float64) = x"
            " from unnest([3.295836866004329e18]) as x"
        ),
        True,
        False,
    ),
    "failed query": (rows_of_a_failed_query, FAILS, 0),
    "destination of a query": (value_in_the_destination, 2, FAILS),
    "session tables": (dataset_of_a_session_table, "uploaded", FAILS),
    "location of a table": (location_of_a_table, "US", None),
}


@pytest.mark.parametrize("fault", MENDED)
def test_what_is_mended_was_broken(
    fault: str, as_published: bigquery.Client, mended: bigquery.Client
) -> None:
    show, right, wrong = MENDED[fault]
    assert answer(show, mended) == right
    # If this fails, the emulator has been repaired and its shim can go.
    assert answer(show, as_published) == wrong


def test_bigframes_cannot_ask_it_for_the_time(mended: bigquery.Client) -> None:
    ask = value("SELECT CURRENT_TIMESTAMP() AS `current_timestamp`")
    assert answer(ask, mended) == FAILS


def answer(show: Callable[[bigquery.Client], Any], client: bigquery.Client) -> Any:
    try:
        return show(client)
    except GoogleAPICallError:
        return FAILS
