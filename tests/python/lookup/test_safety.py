"""Only this machine by default, keys for others, limits for all, and nothing gets through."""

import json
import logging
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import duckdb
import httpx
import pytest

from commands.lookup.__main__ import main
from commands.lookup.app import NoKeys, create_app
from commands.lookup.copies import Copy, NoCopy
from commands.lookup.guard import JsonLines
from commands.lookup.keys import Client, KeyFileError, Keys, new_key
from commands.lookup.service import MAX_COMPUTED
from commands.lookup.settings import Settings
from support.serving import Server, rows

UNKNOWN = "0x" + 40 * "7"
PATH = f"/v1/addresses/{UNKNOWN}"

INJECTIONS = [
    "' or '1'='1",
    "0x'; drop table marts.scam_alert_queue; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "../../../../etc/passwd",
    "x\r\nset-cookie: a=b",
    "\x00",
    "0x" + 40 * "a" + "' union select 1",
]


def test_another_host_needs_keys(serving_copy: Path, tmp_path: Path) -> None:
    settings = Settings(
        copy=serving_copy, reviews_url=f"sqlite:///{tmp_path}/reviews.sqlite", host="0.0.0.0"
    )
    with pytest.raises(NoKeys, match="needs API keys"):
        create_app(settings)
    assert Settings().host == "127.0.0.1"


def test_a_reader_reads_and_a_reviewer_reviews(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    reader, reviewer = (new_key(file, f"a-{role}", role) for role in ("reader", "reviewer"))
    assert reader not in file.read_text()
    server = serve(keys=file)
    body = {"decision": "disputed", "reviewer": "somebody else"}
    for key, status, review_status in (
        (None, 401, 401),
        ("wrong", 401, 401),
        (reader, 200, 403),
        (reviewer, 200, 201),
    ):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        assert server.get(PATH, headers=headers).status_code == status
        response = server.post(f"{PATH}/reviews", json=body, headers=headers)
        assert response.status_code == review_status
    # The owner of the key counts, not what the request says.
    assert response.json()["review"]["reviewer"] == "a-reviewer"
    assert server.get("/", auth=("anyone", reader)).status_code == 200
    assert "role reviewer" in server.get(f"/addresses/{UNKNOWN}", auth=("x", reader)).text
    assert server.get("/healthz").status_code == 200
    assert server.get("/metrics").status_code == 401


def test_what_is_no_key_is_refused(serve: Callable[..., Server], tmp_path: Path) -> None:
    new_key(tmp_path / "keys", "wallet", "reader")
    server = serve(keys=tmp_path / "keys")
    for value in ("Basic \xe9\xe9".encode("latin-1"), b"Basic !", b"Basic", b"Bearer \xff", b""):
        assert server.get(PATH, headers={"authorization": value}).status_code == 401


@pytest.mark.parametrize("name", ["", "two words", "#wallet", 101 * "n"])
def test_a_name_that_no_key_can_have_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="at most 100 characters"):
        new_key(tmp_path / "keys", name, "reviewer")


def test_a_damaged_file_of_keys_is_told(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("dana admin 1234\n")
    with pytest.raises(KeyFileError, match="Line 1"):
        Keys(file)
    with pytest.raises(KeyFileError, match="cannot be read"):
        Keys(tmp_path / "none")
    file.write_text(f"dana reader {'x' * 64}\n")
    with pytest.raises(KeyFileError, match="64 hexadecimal digits"):
        Keys(file)
    file.write_bytes(b"d\xe4na reader " + b"0" * 64)
    with pytest.raises(KeyFileError, match="UTF-8"):
        Keys(file)


def test_a_new_key_has_a_line_of_its_own_after_an_edit(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    first = new_key(file, "first", "reader")
    file.write_text(file.read_text().rstrip("\n"))
    second = new_key(file, "second", "reviewer")
    keys = Keys(file)
    assert [keys.client(key) for key in (first, second)] == [
        Client("first", "reader"),
        Client("second", "reviewer"),
    ]


def test_a_second_key_of_a_name_says_how_to_revoke_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys"
    shown = []
    for name in ("wallet", "wallet-2", "wallet"):
        assert main(["--keys", str(file), "--new-key", name]) == 0
        shown.append(capsys.readouterr().out)
    assert "Earlier" not in shown[0] + shown[1]
    assert "Earlier keys of wallet stay good." in shown[2]
    assert f"delete its line in {file}: 1." in shown[2]
    first, _, second = (text.split("shown only now: ")[1].split()[0] for text in shown)
    keys = Keys(file)
    assert keys.client(first) == keys.client(second) == Client("wallet", "reader")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    assert (keys.client(first), keys.client(second)) == (None, Client("wallet", "reader"))


def test_deleting_the_file_of_keys_revokes_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys"
    key = new_key(file, "dana", "reader")
    keys = Keys(file)
    kept = file.read_bytes()
    file.unlink()
    assert [keys.client(key), keys.client(key)] == [None, None]
    assert [record.message for record in caplog.records] == ["keys revoked"]
    file.write_bytes(kept)
    assert keys.client(key) == Client("dana", "reader")


def test_a_file_of_keys_damaged_while_serving_leaves_the_last_good_keys(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys"
    key = new_key(file, "dana", "reader")
    keys = Keys(file)
    kept = file.read_text()
    caplog.set_level("INFO", "lookup")
    for damaged in (f"{kept}lee admin 12\n", f"{kept}lee reader {'x' * 64}\n"):
        file.write_text(damaged)
        assert keys.client(key) == keys.client(key) == Client("dana", "reader")
    [told] = caplog.records
    assert told.levelname == "ERROR"
    assert "Line 2" in told.fields["reason"]
    assert "stay good" in told.fields["reason"]
    file.write_text("")
    assert keys.client(key) is None
    assert caplog.records[-1].message == "keys read again"


@pytest.mark.parametrize(
    ("option", "value", "advice"),
    [
        ("--memory-limit", "2XB", "a number and a unit, such as 2GB"),
        ("--memory-limit", "", "a number and a unit, such as 2GB"),
        ("--memory-limit", "2", "a number and a unit, such as 2GB"),
        ("--threads", "0", "a whole number from 1"),
        ("--threads", "many", "a whole number from 1"),
        ("--port", "0", "a whole number from 1 to 65535"),
        ("--port", "65536", "a whole number from 1 to 65535"),
        ("--port", "http", "a whole number from 1 to 65535"),
        ("--requests-per-minute", "-1", "a whole number from 0"),
        *(("--timeout", seconds, "one above 0, such as 30") for seconds in ("0", "-1", "nan")),
        *(
            ("--public-host", host, "without scheme, port and path")
            for host in ("https://lookup.example.org", "lookup.example.org:8443", "a/b", "")
        ),
        ("--trusted-proxy", "localhost", "an IP address such as 127.0.0.1"),
        ("--trusted-proxy", "10.0.0.1/8", "an IP address such as 127.0.0.1"),
    ],
)
def test_numbers_and_amounts_that_cannot_be_are_told(
    option: str, value: str, advice: str, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([f"{option}={value}"])
    assert caught.value.code == 2
    assert advice in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_in_use_is_told_before_anything_is_served(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    reviews = tmp_path / "reviews.sqlite"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        options = ["--host", host, "--port", port, "--reviews-url", f"sqlite:///{reviews}"]
        assert main(options) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"Error: Port {port} is in use. Choose another with --port.\n"
    assert not reviews.exists()


def test_a_host_that_is_none_of_this_machine_is_told(capsys: pytest.CaptureFixture) -> None:
    # An address of documentation (RFC 5737).
    assert main(["--host", "192.0.2.1", "--port", "8123", "--keys", "keys"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: The service cannot listen on 192.0.2.1, port 8123: ")


def test_requests_are_limited(serve: Callable[..., Server]) -> None:
    server = serve(requests_per_minute=5)
    statuses = [server.get(PATH).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert int(server.get(PATH).headers["retry-after"]) >= 1
    assert server.get("/healthz").status_code == 200


def test_scores_on_request_leave_threads_for_stored_answers(serve: Callable[..., Server]) -> None:
    server = serve()
    body = {"address": UNKNOWN, "transactions": []}
    with ExitStack() as waiting:
        for _ in range(MAX_COMPUTED):
            waiting.enter_context(server.service._places)
        response = server.post("/v1/addresses/score", json=body)
        assert (response.status_code, response.json()["code"]) == (503, "busy")
        assert int(response.headers["retry-after"]) > 0
        assert server.get(PATH).status_code == 200
    assert server.post("/v1/addresses/score", json=body).status_code == 200


def test_it_says_that_it_lives_while_every_thread_is_busy(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    is_over = threading.Event()
    monkeypatch.setattr(server.service, "profiles", lambda copy: is_over.wait(20) and {})
    clients = [
        threading.Thread(
            target=httpx.get, args=(f"{server.url}/v1/profiles",), kwargs={"timeout": 30}
        )
        for _ in range(60)
    ]
    for client in clients:
        client.start()
    while server.service.metrics.in_progress._value.get() < len(clients):
        time.sleep(0.01)
    try:
        assert httpx.get(f"{server.url}/healthz", timeout=10).status_code == 200
    finally:
        is_over.set()
        for client in clients:
            client.join()


def test_a_body_is_limited_whether_it_says_its_length_or_not(serve: Callable[..., Server]) -> None:
    server = serve(max_body_bytes=1000)
    large = json.dumps({"addresses": ["x" * 2000]}).encode()
    headers = {"content-type": "application/json"}
    path = "/v1/addresses/batch"
    assert server.post(path, content=large, headers=headers).status_code == 413
    assert server.post(path, content=iter([large]), headers=headers).status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_another_host_name_is_refused(served: Server, host: str) -> None:
    assert served.get(PATH, headers={"host": host}).status_code == 421


def test_a_host_name_is_known_in_any_case(serve: Callable[..., Server]) -> None:
    server = serve(public_hosts=("Lookup.Example.org",))
    for host in ("lookup.example.org", "LOOKUP.example.org:443", "Localhost"):
        assert server.get(PATH, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/alerts", PATH, "/nothing", "/static/lookup.css"])
def test_every_answer_has_the_headers_of_safety(served: Server, path: str) -> None:
    headers = served.get(path, headers={"accept": "text/html"}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_injection_gets_through(served: Server, serving_copy: Path, text: str) -> None:
    before = rows(serving_copy, "select count(*) from marts.scam_alert_queue")
    html = served.get("/search", params={"q": text[:200]}, headers={"accept": "text/html"})
    assert html.status_code == 422
    assert "<script>alert" not in html.text
    assert ("{{7*7}}" in text) == ("{{7*7}}" in html.text)
    answers = [
        served.post("/v1/addresses/batch", json={"addresses": [text]}),
        served.get("/v1/reviews", params={"address": text}),
        served.get("/v1/alerts", params={"cursor": text}),
        served.get("/v1/alerts", params={"tier": text}),
        served.get(f"{PATH}/transactions", params={"cursor": text}),
    ]
    assert [answer.status_code for answer in answers] == [200, 422, 422, 422, 422]
    for answer in [html, *answers]:
        assert "a=b" not in answer.headers.get("set-cookie", "")
    assert rows(serving_copy, "select count(*) from marts.scam_alert_queue") == before


def test_labels_and_token_names_are_escaped(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(serving_copy, tmp_path / "other.duckdb"))
    [(address,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where labels is not null"
    )
    script, image = "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'
    with duckdb.connect(str(other)) as connection:
        connection.execute(
            "update lookup.addresses set token_symbol = $script, is_token = true,"
            " entity_category = $image, labels = [struct_update(labels[1], category := $script,"
            " source := $image, url := 'javascript:alert(1)')] where address = $address",
            {"script": script, "image": image, "address": address},
        )
    server = serve(copy=other)
    html = server.get(f"/addresses/{address}", headers={"accept": "text/html"}).text
    assert script not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html
    # Only a web address becomes a link.
    assert 'href="javascript' not in html
    label = server.get(f"/v1/addresses/{address}").json()["labels"][0]
    assert (label["category"], label["source"]) == (script, image)


@pytest.mark.parametrize("header", ["user-agent", "if-none-match", "x-forwarded-for", "referer"])
def test_what_a_header_says_is_not_repeated(served: Server, header: str) -> None:
    said = '"><script>alert(1)</script>'
    for path in ("/", PATH, "/nothing"):
        answer = served.get(path, headers={header: said, "accept": "text/html"})
        assert said not in answer.text
        assert said not in str(answer.headers)


def test_a_form_leads_nowhere_else(serve: Callable[..., Server]) -> None:
    server = serve()
    server.get("/alerts", headers={"accept": "text/html"})
    form = {"csrf": server.client.cookies["csrf"], "decision": "disputed"}
    for following in ("https://evil.example/", "//evil.example", "/alerts\r\nset-cookie: a=b"):
        answer = server.post(f"/addresses/{UNKNOWN}/reviews", data=form | {"next": following})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(("/alerts", "/addresses/"))
        assert "\n" not in answer.headers["location"]
        assert "set-cookie" not in answer.headers


def test_a_stopped_service_finishes_what_it_was_asked(
    serve: Callable[..., Server], serving_copy: Path
) -> None:
    server = serve()
    [(address,)] = rows(
        serving_copy, "select min(address) from lookup.addresses where risk_tier = 'low'"
    )
    server.get("/healthz")
    in_progress = server.service.metrics.in_progress._value
    # The answer comes a moment before the request counts as done.
    while in_progress.get():
        time.sleep(0.001)
    answers: list[httpx.Response] = []

    def ask() -> None:
        url = f"{server.url}/v1/addresses/{address}?explain=true"
        answers.append(httpx.get(url, timeout=60))

    client = threading.Thread(target=ask)
    client.start()
    while not in_progress.get():
        time.sleep(0.001)
    server.server.should_exit = True
    client.join()
    assert answers[0].status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/healthz")


def test_the_database_of_the_service_reads_no_files(served: Server) -> None:
    with (
        served.service.copies.use() as copy,
        pytest.raises(Exception, match=r"file system operations are disabled|Permission"),
    ):
        copy.connection().execute("select * from read_text('/etc/hostname')")


def test_a_log_line_names_the_fault_but_not_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise ValueError(UNKNOWN)
    except ValueError:
        record = logging.LogRecord("lookup", 40, __file__, 1, "failed", (), sys.exc_info())
    line = JsonLines().format(record)
    assert json.loads(line)["error"] == "ValueError"
    assert UNKNOWN not in line


def test_a_copy_that_changes_under_load_fails_and_mixes_nothing(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    versions = []
    for number in range(2):
        path = Path(shutil.copy(serving_copy, tmp_path / f"version{number}.duckdb"))
        with duckdb.connect(str(path)) as connection:
            connection.execute("update lookup.origin set run_id = ?", [f"run{number}"])
            connection.execute("update lookup.addresses set run_id = ?", [f"run{number}"])
        versions.append(path)
    current = tmp_path / "current.duckdb"
    shutil.copy(versions[0], current)
    server = serve(copy=current)
    addresses = [
        address
        for (address,) in rows(
            serving_copy, "select address from lookup.addresses where state = 'scored' limit 30"
        )
    ]
    failures, seen, done = [], set(), threading.Event()

    def ask() -> None:
        position = 0
        while not done.is_set():
            body = {"addresses": addresses[position % 20 :]}
            response = server.post("/v1/addresses/batch", json=body)
            if response.status_code != 200:
                failures.append(response.text)
                return
            runs = {answer["run_id"] for answer in response.json()["addresses"]}
            runs.add(response.json()["run_id"])
            if len(runs) != 1:
                failures.append(f"mixed {runs}")
            seen.update(runs)
            position += 1

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for swap in range(20):
        partial = tmp_path / "partial"
        shutil.copy(versions[(swap + 1) % 2], partial)
        partial.replace(current)
        server.service.copies.refresh()
    done.set()
    for client in clients:
        client.join()
    assert failures == []
    assert seen == {"run0", "run1"}


def test_without_a_copy_the_service_says_what_to_run_and_finds_it_later(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "later.duckdb"
    server = serve(copy=path)
    response = server.get(PATH)
    assert (response.status_code, response.json()["code"]) == (503, "no_copy")
    assert "make publish" in response.json()["detail"]
    assert server.get("/readyz").status_code == 503
    shutil.copy(serving_copy, tmp_path / "partial")
    (tmp_path / "partial").replace(path)
    server.service.copies.refresh()
    assert server.get(PATH).status_code == 200
    # Not into the file that is open, as make publish never does either.
    (tmp_path / "partial").write_bytes(b"damaged")
    (tmp_path / "partial").replace(path)
    server.service.copies.refresh()
    assert server.get(PATH).status_code == 200


def test_a_copy_that_is_overwritten_where_it_is_answers_nothing_until_it_is_whole(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "current.duckdb"
    shutil.copy(serving_copy, path)
    server = serve(copy=path)
    whole = serving_copy.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    server.service.copies.refresh()
    for asked in (PATH, "/readyz"):
        response = server.get(asked)
        assert (response.status_code, response.json()["code"]) == (503, "no_copy")
        assert "make publish" in response.json()["detail"]
    path.write_bytes(whole)
    server.service.copies.refresh()
    assert server.get("/readyz").status_code == server.get(PATH).status_code == 200


def test_a_copy_of_another_version_is_refused_and_the_open_one_answers(
    serve: Callable[..., Server], serving_copy: Path, tmp_path: Path
) -> None:
    path, older = tmp_path / "current.duckdb", tmp_path / "older.duckdb"
    for file in (path, older):
        shutil.copy(serving_copy, file)
    with duckdb.connect(str(older)) as connection:
        connection.execute("update lookup.origin set copy_version = copy_version - 1")
    with pytest.raises(NoCopy, match=r"another version of this project\. Run: make publish"):
        Copy(older, "1GB", 1)
    server = serve(copy=path)
    older.replace(path)
    server.service.copies.refresh()
    assert "another version" in server.service.copies.problem
    assert server.get(PATH).status_code == 200
