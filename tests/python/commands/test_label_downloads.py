"""Public lists are fetched from a local server here: shown, resumed, checked, imported."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commands.labels import download, sources
from commands.labels.__main__ import main
from commands.labels.layouts import LAYOUTS
from commands.labels.sources import SOURCES, Source
from support import PROJECT_DIRECTORY
from support.dbt_project import account
from support.label_lists import rows

LIST = json.dumps([account(number) for number in range(200)]).encode()
SHA256 = hashlib.sha256(LIST).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one list at any path, and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = LIST
        self.ranges: list[str | None] = []
        self.status = 200
        self.breaks_off_at: int | None = None
        self.honours_ranges = True
        self.range_start: int | None = None
        self.leads_to = ""
        self.says_length = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if self.server.leads_to:
            self.send_response(302)
            self.send_header("Location", self.server.leads_to)
            self.end_headers()
            return
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        content, start = self.server.content, 0
        if asked and self.server.honours_ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
            said = start if self.server.range_start is None else self.server.range_start
            self.send_header("Content-Range", f"bytes {said}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if self.server.says_length:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : self.server.breaks_off_at])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def lists(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lists in the catalogue, with and without a checksum, and no proxy between."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, sha256 in {"pinned": SHA256, "unpinned": ""}.items():
        source = Source(
            name=name,
            about="an invented list",
            layout="json_array",
            licence="an invented licence",
            url=f"{server.url}/commit/{name}.json",
            size=len(LIST),
            sha256=sha256,
            source="invented",
            category="phishing",
        )
        monkeypatch.setitem(SOURCES, name, source)


def fetched(tmp_path: Path, name: str = "pinned", *options: str) -> int:
    return main(["--download", name, "--downloads", str(tmp_path / "downloads"), *options])


def file(tmp_path: Path, name: str = "pinned.json") -> Path:
    return tmp_path / "downloads" / name


def test_one_command_fetches_and_imports(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "labels.csv"
    assert fetched(tmp_path, "pinned", "--out", str(out), "--reported-at", "2024-05-31") == 0
    found = rows(out)
    assert len(found) == 200
    assert {(x.category, x.source, x.reported_at, x.url) for x in found} == {
        ("phishing", "invented", "2024-05-31 00:00:00", f"{server.url}/commit/pinned.json")
    }
    said = capsys.readouterr().out
    # What it is comes before what comes of it.
    told = ["an invented list", f"{len(LIST):,} bytes", "an invented licence", "/commit/pinned"]
    places = [said.index(text) for text in [*told, "as expected", "200 labels"]]
    assert places == sorted(places)


def test_your_options_outrank_those_of_the_catalogue(tmp_path: Path) -> None:
    out = tmp_path / "labels.csv"
    options = ["--usage", "external", "--category", "drainer", "--source", "desk", "--url", "u"]
    assert fetched(tmp_path, "pinned", "--out", str(out), *options) == 0
    assert {(x.usage, x.category, x.source, x.url) for x in rows(out)} == {
        ("external", "drainer", "desk", "u")
    }


def test_what_is_there_and_right_is_not_fetched_again(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [fetched(tmp_path), fetched(tmp_path)] == [0, 0]
    assert len(server.ranges) == 1
    assert "is there already" in capsys.readouterr().out
    file(tmp_path).write_bytes(b"something else")
    assert fetched(tmp_path) == 0
    assert file(tmp_path).read_bytes() == LIST


def test_another_file_than_the_pinned_one_is_not_kept(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.content = LIST + b" "
    assert fetched(tmp_path) == 1
    assert "is another one" in capsys.readouterr().err
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize("says_length", [True, False])
def test_a_download_goes_on_where_it_broke_off(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str], says_length: bool
) -> None:
    server.breaks_off_at, server.says_length = 1_000, says_length
    assert fetched(tmp_path) == 1
    if says_length:
        assert f"broke off at byte 1,000 of {len(LIST):,}" in capsys.readouterr().err
    else:
        # Without a length only the checksum tells, and nothing is kept.
        assert "is another one" in capsys.readouterr().err
    assert not file(tmp_path).exists()
    server.breaks_off_at = None
    assert fetched(tmp_path) == 0
    assert server.ranges == [None, "bytes=1000-" if says_length else None]
    assert file(tmp_path).read_bytes() == LIST
    assert [path.name for path in (tmp_path / "downloads").iterdir()] == ["pinned.json"]


def test_a_server_that_cannot_go_on_starts_again(tmp_path: Path, server: Server) -> None:
    part = file(tmp_path, "pinned.json.part")
    part.parent.mkdir()
    part.write_bytes(b"x" * 10)
    server.honours_ranges = False
    assert fetched(tmp_path) == 0
    assert file(tmp_path).read_bytes() == LIST


def test_a_part_that_is_too_long_starts_again(tmp_path: Path, server: Server) -> None:
    part = file(tmp_path, "pinned.json.part")
    part.parent.mkdir()
    part.write_bytes(LIST + b"more")
    assert fetched(tmp_path) == 0
    assert server.ranges == [f"bytes={len(LIST) + 4}-", None]


def test_a_server_that_goes_on_elsewhere_is_not_believed(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    part = file(tmp_path, "pinned.json.part")
    part.parent.mkdir()
    part.write_bytes(LIST[:10])
    server.range_start = 20
    assert fetched(tmp_path) == 1
    assert "goes on at another byte" in capsys.readouterr().err


def test_a_part_of_another_file_is_found_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = file(tmp_path, "pinned.json.part")
    part.parent.mkdir()
    part.write_bytes(b"x" * 10)
    assert fetched(tmp_path) == 1
    assert "is another one" in capsys.readouterr().err
    assert fetched(tmp_path) == 0


def test_without_a_checksum_you_are_asked(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched(tmp_path, "unpinned") == 1
    said = capsys.readouterr()
    assert "an invented licence" in said.out
    assert "No checksum of unpinned is known" in said.err
    assert server.ranges == []
    assert fetched(tmp_path, "unpinned", "--trust-first-download") == 0
    assert f"sha256:  {SHA256} (first download" in capsys.readouterr().out
    assert fetched(tmp_path, "unpinned", "--sha256", SHA256.upper()) == 0
    assert "is there already" in capsys.readouterr().out
    assert fetched(tmp_path, "unpinned", "--sha256", "0" * 64) == 1
    assert "is another one" in capsys.readouterr().err


def test_without_a_checksum_nothing_is_joined_to_what_came_before(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.breaks_off_at = 1_000
    assert fetched(tmp_path, "unpinned", "--trust-first-download") == 1
    assert "kept" not in capsys.readouterr().err
    server.breaks_off_at = None
    assert fetched(tmp_path, "unpinned", "--trust-first-download") == 0
    assert server.ranges == [None, None]


def test_offline_the_file_comes_from_a_folder_and_is_checked_as_well(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    assert fetched(tmp_path, "pinned", "--from", str(folder)) == 1
    assert "pinned.json is not there" in capsys.readouterr().err
    (folder / "pinned.json").write_bytes(b"something else")
    assert fetched(tmp_path, "pinned", "--from", str(folder)) == 1
    assert "is another one" in capsys.readouterr().err
    (folder / "pinned.json").write_bytes(LIST)
    assert fetched(tmp_path, "pinned", "--from", str(folder)) == 0
    assert file(tmp_path).read_bytes() == LIST
    assert server.ranges == []


@pytest.mark.parametrize(
    ("leads_to", "said"),
    [
        ("file:///etc/hostname", "is not allowed"),
        ("ftp://list.example/x", "is not an address of HTTP"),
    ],
)
def test_only_http_is_followed(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str], leads_to: str, said: str
) -> None:
    server.leads_to = leads_to
    assert fetched(tmp_path) == 1
    assert said in capsys.readouterr().err
    assert list((tmp_path / "downloads").iterdir()) == []


def test_what_goes_wrong_on_the_way_is_one_sentence(
    tmp_path: Path,
    server: Server,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.status = 404
    assert fetched(tmp_path) == 1
    assert "cannot be fetched: HTTP 404 Not Found" in capsys.readouterr().err
    server.status = 200
    monkeypatch.setattr(download, "MOST_BYTES", 1_000)
    assert fetched(tmp_path) == 1
    assert "sends more than 1,000 bytes" in capsys.readouterr().err
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_server_that_is_not_there_is_one_sentence(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.shutdown()
    server.server_close()
    assert fetched(tmp_path) == 1
    said = capsys.readouterr().err
    assert "cannot be fetched: Connection refused" in said
    assert said.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "downloads").write_text("a file")
    assert fetched(tmp_path) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_list_without_a_file_says_how_you_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched(tmp_path, "dfpi_crypto_scam_tracker") == 1
    assert "It has no file. Put the addresses" in capsys.readouterr().err


def test_a_download_brings_its_own_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--in", "x"], ["--layout", "ofac"], ["--history", "x"]):
        with pytest.raises(SystemExit, match="2"):
            fetched(tmp_path, "pinned", *options)
        assert "brings its own list" in capsys.readouterr().err


def test_public_lists_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-sources"]) == 0
    said = capsys.readouterr().out
    for source in SOURCES.values():
        assert f"{source.name}\n" in said
        assert source.licence in said
        assert (source.url or source.how) in said


def test_the_docs_name_every_list_and_layout() -> None:
    docs = PROJECT_DIRECTORY / "docs"
    table = (docs / "label_sources.md").read_text(encoding="utf-8")
    for source in sources._SOURCES:
        checksum = "known" if source.sha256 else ""
        [row] = [line for line in table.splitlines() if line.startswith(f"| `{source.name}` |")]
        assert row.endswith(f"| {checksum} |" if checksum else "| |")
        assert f"| `{source.layout}` |" in row
    layouts = (docs / "labels.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in layouts for name in LAYOUTS)


@pytest.mark.parametrize("source", sources._SOURCES, ids=lambda source: source.name)
def test_the_catalogue_can_be_used(source: Source) -> None:
    layout = LAYOUTS[source.layout]
    given = {"source": source.source, "category": source.category}
    for name, value in given.items():
        known = value or getattr(layout, name) or name in layout.columns | layout.optional
        assert known, f"{source.name} has no {name}"
    assert source.usage in ("training", "external")
    assert source.licence
    if not source.url:
        assert source.how
        return
    assert source.url.startswith("https://")
    assert source.file_name
    if source.sha256:
        # Only a commit says the same tomorrow.
        assert len(source.sha256) == 64
        assert any(len(part) == 40 for part in source.url.split("/"))
        assert source.size
