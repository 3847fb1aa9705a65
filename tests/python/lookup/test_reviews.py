"""Reviews show at once, are never lost or changed, and become labels."""

import csv
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from commands.labels.__main__ import main as import_labels
from commands.labels.reviews import labels_of
from commands.lookup import schemas
from commands.lookup.__main__ import main as serve_lookup
from commands.lookup.reviews.store import ReviewStore
from support import PROJECT_DIRECTORY
from support.serving import Server, rows

ADDRESSES = [f"0x{number:040x}" for number in range(1, 10)]
HTML = {"accept": "text/html"}
SCAM, NOT, MORE, DISPUTED = "confirmed_scam", "not_a_scam", "needs_information", "disputed"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReviewStore]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/reviews.sqlite"
    else:
        url = request.getfixturevalue("postgresql")
    opened = ReviewStore(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of this test run, or the one TEST_POSTGRESQL_URL names."""
    # Before the server starts: without it nothing would stop the server again.
    pytest.importorskip("psycopg", reason="install it: make dev-setup")
    if url := os.environ.get("TEST_POSTGRESQL_URL"):
        yield url
        return
    folders = [Path("/usr/local/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    binaries = next((folder for folder in folders if (folder / "initdb").exists()), None)
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Not one of pytest's folders: those only their owner may enter.
    directory = Path(tempfile.mkdtemp())
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL does not start as root.
        shutil.chown(directory, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--clear-groups"]
    data = directory / "data"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "reviewer", "-A", "trust", "-E", "UTF8"],
        capture_output=True,
        text=True,
        check=False,
        cwd=directory,
    )
    if made.returncode != 0:
        pytest.skip(f"PostgreSQL does not start here: {made.stderr.strip()[-200:]}")
    server = subprocess.Popen(
        [
            *(*as_user, binaries / "postgres", "-D", data, "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={directory}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=directory,
    )
    url = f"postgresql+psycopg://reviewer@127.0.0.1:{port}/postgres"
    engine = sa.create_engine(url)
    for _ in range(100):
        try:
            engine.connect().close()
            break
        except sa.exc.OperationalError:
            time.sleep(0.2)
    engine.dispose()
    yield url
    server.send_signal(signal.SIGINT)
    server.wait(timeout=30)
    shutil.rmtree(directory)


def test_the_latest_decisive_review_holds(store: ReviewStore) -> None:
    address = ADDRESSES[0]
    before = len(store.newest(500, address=address))
    for decision in (MORE, SCAM, DISPUTED, NOT, MORE):
        store.add({"address": address, "decision": decision, "reviewer": "dana"})
    assert store.latest(address)["decision"] == NOT
    assert store.latest_of([address, ADDRESSES[1]])[address]["decision"] == NOT
    assert address in store.decided()
    history = [review["decision"] for review in store.newest(500, address=address)]
    assert history[: len(history) - before] == [MORE, NOT, DISPUTED, SCAM, MORE]


@pytest.mark.parametrize(
    "statement", ["update reviews set note = 'changed'", "delete from reviews"]
)
def test_the_database_refuses_to_change_a_review(store: ReviewStore, statement: str) -> None:
    store.add({"address": ADDRESSES[2], "decision": SCAM, "note": "as written"})
    with (
        pytest.raises(sa.exc.DatabaseError, match="append-only"),
        store.engine.begin() as connection,
    ):
        connection.execute(sa.text(statement))
    assert store.newest(1, address=ADDRESSES[2])[0]["note"] == "as written"


def test_opening_the_store_again_keeps_the_reviews(store: ReviewStore) -> None:
    store.add({"address": ADDRESSES[3], "decision": NOT})
    again = ReviewStore(store.url.render_as_string(hide_password=False))
    assert again.count() == store.count() > 0
    again.close()


def test_two_hundred_parallel_reviews_are_all_kept(store: ReviewStore) -> None:
    before = store.count()
    with ThreadPoolExecutor(40) as pool:
        stored = list(
            pool.map(
                lambda number: store.add(
                    {"address": ADDRESSES[4], "decision": SCAM, "note": str(number)}
                ),
                range(200),
            )
        )
    assert len({review["review_id"] for review in stored}) == 200
    assert store.count() == before + 200


@pytest.mark.parametrize(
    "url",
    ["reviews.sqlite", "sqlite://", "mysql://host/reviews", "sqlite:///{file}/reviews.sqlite"],
)
def test_reviews_that_cannot_be_kept_are_told_at_the_start(
    url: str,
    serving_copy: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("commands.lookup.__main__._log_as_json", lambda: None)
    (tmp_path / "file").touch()
    url = url.format(file=tmp_path / "file")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert (
        serve_lookup(["--copy", str(serving_copy), "--port", str(port), "--reviews-url", url]) == 1
    )
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("Error: the reviews cannot be opened")
    assert "Check REVIEWS_URL" in said.err


def test_any_driver_of_postgresql_is_the_installed_one(postgresql: str) -> None:
    store = ReviewStore(postgresql.replace("+psycopg", "+psycopg2"))
    assert store.count() >= 0
    store.close()


def test_reviews_that_are_not_reached_are_named(
    serve: Callable[..., Server], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()
    with sqlite3.connect(tmp_path / "reviews.sqlite") as connection:
        connection.execute("alter table reviews rename to taken_away")
    for path in ("/readyz", f"/v1/addresses/{ADDRESSES[0]}", "/v1/alerts", "/v1/reviews"):
        response = server.get(path)
        assert (response.status_code, response.json()["code"]) == (503, "no_reviews")
        schemas.ProblemDetails.model_validate_json(response.content)
    note = {"decision": SCAM, "note": "a secret"}
    response = server.post(f"/v1/addresses/{ADDRESSES[0]}/reviews", json=note)
    assert (response.status_code, response.json()["code"]) == (503, "no_reviews")
    page = server.get(f"/addresses/{ADDRESSES[0]}", headers=HTML)
    assert page.status_code == 503
    assert "The reviews cannot be read or stored now" in page.text
    logged = [record.fields for record in caplog.records if record.msg == "reviews not reached"]
    assert logged == 6 * [{"error": "OperationalError", "code": "SQLITE_ERROR"}]
    connection.execute("alter table taken_away rename to reviews")
    connection.close()
    assert server.get("/readyz").status_code == 200


def test_a_review_shows_at_once_and_takes_the_address_off_the_alerts(
    serve: Callable[..., Server],
) -> None:
    server = serve()
    address = server.get("/v1/alerts").json()["alerts"][0]["address"]
    tag = server.get(f"/v1/addresses/{address}").headers["etag"]
    for decision, is_left in ((MORE, True), (SCAM, False), (DISPUTED, False)):
        response = server.post(
            f"/v1/addresses/{address}/reviews", json={"decision": decision, "reviewer": "dana"}
        )
        assert response.status_code == 201
        schemas.ReviewAnswer.model_validate_json(response.content)
        left = [alert["address"] for alert in server.get("/v1/alerts").json()["alerts"]]
        assert (address in left) == is_left
    answer = server.get(f"/v1/addresses/{address}", headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert answer.json()["review"]["decision"] == SCAM
    history = server.get("/v1/reviews", params={"address": address, "page_size": 2})
    schemas.ReviewPage.model_validate_json(history.content)
    assert [review["decision"] for review in history.json()["reviews"]] == [DISPUTED, SCAM]
    rest = server.get(
        "/v1/reviews", params={"address": address, "cursor": history.json()["next_cursor"]}
    )
    assert [review["decision"] for review in rest.json()["reviews"]] == [MORE]


@pytest.mark.parametrize(("decision", "policy"), [(NOT, "none"), (SCAM, "clean_queue")])
def test_a_decided_address_is_no_alert_in_any_answer(
    serve: Callable[..., Server], decision: str, policy: str
) -> None:
    server = serve()
    address = server.get("/v1/alerts", params={"tier": "high"}).json()["alerts"][0]["address"]
    path = f"/v1/addresses/{address}"
    before = server.get(path)
    server.post(f"{path}/reviews", json={"decision": decision, "reviewer": "dana"})
    after = server.get(path)
    batch = server.post("/v1/addresses/batch", json={"addresses": [address]}).json()
    scored = server.post("/v1/addresses/score", json={"address": address, "transactions": []})
    for answer in (after.json(), batch["addresses"][0], scored.json()):
        schemas.AddressAnswer.model_validate(answer)
        risk = answer["risk"]
        assert (risk["tier"], risk["policy"]) == ("high", policy)
        assert (risk["is_alert"], risk["alert_rank"]) == (False, None)
    assert before.json()["risk"]["policy"] == "clean_queue"
    assert before.headers["etag"] != after.headers["etag"]
    html = server.get(f"/addresses/{address}", headers={"accept": "text/html"}).text
    assert "Queue place" not in html
    assert ("Under no policy" in html) == (policy == "none")
    assert address not in server.get("/v1/alerts.csv").text


def test_a_confirmed_scam_is_to_be_blocked_at_once_whatever_its_tier(
    serve: Callable[..., Server], serving_copy: Path
) -> None:
    server = serve()
    [(low,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where risk_tier = 'low'"
    )
    for address, before, cleared in ((low, "none", "none"), (ADDRESSES[6], None, None)):
        path = f"/v1/addresses/{address}"
        assert server.get(path).json()["risk"]["policy"] == before
        for decision, policy in (
            *((SCAM, "clean_queue"), (DISPUTED, "clean_queue"), (NOT, cleared)),
            *((DISPUTED, cleared), (SCAM, "clean_queue")),
        ):
            server.post(f"{path}/reviews", json={"decision": decision, "reviewer": "dana"})
            batch = server.post("/v1/addresses/batch", json={"addresses": [address]}).json()
            scored = server.post(
                "/v1/addresses/score", json={"address": address, "transactions": []}
            )
            for answer in (server.get(path).json(), batch["addresses"][0], scored.json()):
                assert answer["risk"]["policy"] == policy
    assert "Clean queue (block)" in server.get(f"/addresses/{low}", headers=HTML).text


def test_no_review_that_was_answered_is_lost_when_the_server_is_killed(
    serving_copy: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"sqlite:///{tmp_path}/reviews.sqlite"
    command = [sys.executable, "-m", "commands.lookup", "--copy", serving_copy, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--reviews-url", url],
        cwd=PROJECT_DIRECTORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    answered: list[str] = []

    def review(number: int) -> None:
        try:
            response = httpx.post(
                f"{base}/v1/addresses/{ADDRESSES[5]}/reviews",
                json={"decision": MORE, "note": str(number)},
                timeout=10,
            )
        except httpx.HTTPError:
            return
        if response.status_code == 201:
            answered.append(str(number))

    try:
        for _ in range(300):
            try:
                httpx.get(f"{base}/readyz", timeout=1)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(review, range(40)))
            rest = [pool.submit(review, number) for number in range(40, 200)]
            time.sleep(0.05)
            process.kill()
            for future in rest:
                future.result()
    finally:
        process.kill()
        process.wait()
    store = ReviewStore(url)
    kept = {review["note"] for review in store.all()}
    store.close()
    assert len(answered) >= 40
    assert set(answered) <= kept


def at(day: int) -> datetime:
    return datetime(2024, 1, 1) + timedelta(days=day)


@pytest.mark.parametrize(
    ("decisions", "labels"),
    [
        ([MORE, DISPUTED], []),
        ([SCAM], [("scam", 0, None)]),
        ([NOT], [("benign", 0, None)]),
        ([SCAM, SCAM], [("scam", 0, None)]),
        ([SCAM, DISPUTED], [("scam", 0, None)]),
        ([SCAM, DISPUTED, NOT], [("benign", 2, None), ("scam", 0, 2)]),
        ([SCAM, NOT, SCAM], [("benign", 1, 2), ("scam", 2, None)]),
    ],
)
def test_reviews_become_labels(decisions: list[str], labels: list[tuple]) -> None:
    def text(day: int | None) -> str:
        return "" if day is None else f"{at(day):%Y-%m-%d %H:%M:%S}"

    reviews = [
        {"address": ADDRESSES[0], "decision": decision, "reviewed_at": at(day)}
        for day, decision in enumerate(decisions)
    ]
    assert [
        (label.category, label.reported_at, label.valid_to) for label in labels_of(reviews)
    ] == [(category, text(start), text(end)) for category, start, end in labels]
    assert {label.source for label in labels_of(reviews)} <= {"reviews"}


def test_make_labels_writes_reviewed_labels_as_csv_and_as_tag_pack(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/reviews.sqlite"
    store = ReviewStore(url)
    store.add({"address": ADDRESSES[0], "decision": SCAM, "reviewer": "dana", "note": "secret"})
    store.close()
    out, rows, pack = (tmp_path / name for name in ("labels.csv", "rows.csv", "pack.yaml"))
    options = ["--reviews", url, "--out"]
    assert import_labels([*options, str(out), "--review-rows", str(rows)]) == 0
    assert import_labels([*options, str(pack), "--to", "tagpack"]) == 0
    with out.open() as file:
        [label] = csv.DictReader(file)
    assert (label["address"], label["category"], label["source"]) == (
        *(ADDRESSES[0], "scam"),
        "reviews",
    )
    assert ADDRESSES[0] in pack.read_text()
    # Who reviewed and what they wrote stays with the reviews.
    for file in (out, rows, pack):
        assert "dana" not in file.read_text()
        assert "secret" not in file.read_text()


def test_the_commands_of_the_docs_write_what_they_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REVIEWS_URL", "sqlite:///reviews.sqlite")
    store = ReviewStore("sqlite:///reviews.sqlite")
    store.add({"address": ADDRESSES[0], "decision": SCAM})
    store.close()
    for page in ("lookup.md", "bigquery.md"):
        text = (PROJECT_DIRECTORY / "docs" / page).read_text()
        commands = re.findall(r"make labels OPTIONS='(--reviews .+?)'", text)
        # The importer knows the option only beside --reviews and --out.
        assert any("--review-rows" in command for command in commands)
        for command in commands:
            options = command.split()
            assert import_labels(options) == 0
            written = [
                options[place + 1]
                for place, option in enumerate(options)
                if option in ("--out", "--review-rows")
            ]
            assert all(ADDRESSES[0] in Path(name).read_text() for name in written)
            for name in written:
                Path(name).unlink()
    assert not re.search(r"`--review-rows \S+`", (PROJECT_DIRECTORY / "docs/lookup.md").read_text())


@pytest.mark.parametrize("format", ["label_data", "tagpack"])
def test_labels_are_not_replaced_by_those_of_no_reviews(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    url = f"sqlite:///{tmp_path}/reviews.sqlite"
    store = ReviewStore(url)
    store.add({"address": ADDRESSES[0], "decision": SCAM})
    store.close()
    out, rows, other = (tmp_path / name for name in ("labels", "rows.csv", "other"))
    options = ["--to", format, "--review-rows", str(rows)]
    assert import_labels(["--reviews", url, "--out", str(out), *options]) == 0
    before = out.read_text(), rows.read_text()

    mistyped = tmp_path / "reveiws.sqlite"
    options = ["--reviews", f"sqlite:///{mistyped}", *options]
    assert import_labels([*options, "--out", str(out)]) == 1
    assert f"{mistyped}, the file of reviews, does not exist." in capsys.readouterr().err
    assert not mistyped.exists()

    ReviewStore(f"sqlite:///{mistyped}").close()
    for path, refused in ((out, out), (other, rows)):
        assert import_labels([*options, "--out", str(path)]) == 1
        assert f"give nothing for {refused}, which has rows" in capsys.readouterr().err
    assert (out.read_text(), rows.read_text()) == before
    # Before the first review there is nothing to lose.
    rows.unlink()
    assert import_labels([*options, "--out", str(other)]) == 0
    assert import_labels([*options, "--out", str(other)]) == 0
