"""A file is written whole or not at all, whatever stops the process that writes it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from commands.atomic import written_whole
from commands.labels.__main__ import main as import_labels
from support import PROJECT_DIRECTORY
from support.label_lists import ONE

WRITES_AND_WAITS = """
import sys, time
from pathlib import Path
from commands.atomic import written_whole
with written_whole(Path(sys.argv[1])) as partial:
    partial.write_text("half")
    print("written", flush=True)
    time.sleep(60)
"""

QUERIES = """
import sys, duckdb
from pathlib import Path
from commands.atomic import written_whole
with written_whole(Path(sys.argv[1])) as partial:
    partial.write_text("half")
    print("written", flush=True)
    duckdb.sql("set threads = 1")
    duckdb.sql("create table t as select md5(i::varchar) from range(1000000000) r(i) order by all")
"""


def stopped(code: str, path: Path, number: signal.Signals) -> subprocess.Popen:
    """A process that a signal stopped while it wrote to a path."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        cwd=PROJECT_DIRECTORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "written\n"
    process.send_signal(number)
    process.communicate(timeout=30)
    return process


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize("code", [WRITES_AND_WAITS, QUERIES])
def test_a_terminated_process_leaves_the_file_that_was_there(tmp_path: Path, code: str) -> None:
    path = tmp_path / "copy"
    path.write_text("the last one")
    assert stopped(code, path, signal.SIGTERM).returncode == 128 + signal.SIGTERM
    assert names(tmp_path) == ["copy"]
    assert path.read_text() == "the last one"


def test_what_a_killed_process_left_goes_when_the_file_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "copy [1].duckdb"
    killed = stopped(WRITES_AND_WAITS, path, signal.SIGKILL)
    left = f".{path.name}.{killed.pid}.partial"
    assert names(tmp_path) == [left]
    # What DuckDB keeps beside a file.
    (tmp_path / f"{left}.wal").write_text("half")
    (tmp_path / f"{left}.scratch").mkdir()
    # Of processes that run, of another file, and of no process.
    kept = [
        f".{path.name}.{os.getppid()}.partial",
        f".other.{killed.pid}.partial",
        f".{path.name}.mine.partial",
    ]
    for name in kept:
        (tmp_path / name).write_text("kept")
    with written_whole(path) as partial:
        partial.write_text("whole")
    assert names(tmp_path) == sorted([path.name, *kept])


def test_a_killed_process_of_the_same_number_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".copy.{os.getpid()}.partial").write_text("half")
    with written_whole(tmp_path / "copy") as partial:
        assert not partial.exists()
        partial.write_text("whole")
    assert names(tmp_path) == ["copy"]


def test_the_signal_means_what_it_did_before(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with written_whole(tmp_path / "one") as one, written_whole(tmp_path / "two") as two:
        assert signal.getsignal(signal.SIGTERM) != before
        one.write_text("1")
        two.write_text("2")
    assert signal.getsignal(signal.SIGTERM) == before


def test_labels_go_into_a_pipe_and_into_a_device(tmp_path: Path) -> None:
    pipe, listed = tmp_path / "pipe", tmp_path / "list"
    os.mkfifo(pipe)
    listed.write_text(ONE)
    arguments = ["--layout", "ofac", "--in", str(listed), "--out"]
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert import_labels([*arguments, str(pipe)]) == 0
    reader.join(timeout=30)
    assert ONE.lower() in read[0]
    assert import_labels([*arguments, os.devnull]) == 0
    # A link to a pipe of the system, which has no path.
    run = subprocess.run(
        [sys.executable, "-m", "commands.labels", *arguments, "/dev/stdout"],
        cwd=PROJECT_DIRECTORY,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert ONE.lower() in run.stdout
