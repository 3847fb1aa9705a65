"""Measure the look-up on this machine: answers a second, times, memory, swaps under load.

python -m maintenance.lookup_load --copy published/address_intelligence_lookup.duckdb

It multiplies the addresses of a serving copy, serves that in a process of its own, and asks with
clients that keep their connection. The clients take part of the same processors.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from commands import PROJECT_DIRECTORY
from commands.publish.copy import COPY, lookup_copy
from maintenance.lookup_load.enlarged import enlarge

CLIENTS = 4
SWAPS = 20
BATCH = 1000
TRANSACTIONS = 10_000
RUNS = ("the first copy", "the second copy")


def main() -> None:
    """Measure and print a row a figure."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folder = Path(scratch)
        copies = [folder / f"copy{number}.duckdb" for number in range(2)]
        if options.addresses:
            enlarge(options.copy, copies[0], options.addresses)
        else:
            shutil.copy(options.copy, copies[0])
        shutil.copy(copies[0], copies[1])
        for copy, run in zip(copies, RUNS, strict=True):
            _name_run(copy, run)
        served = folder / "served.duckdb"
        os.link(copies[0], served)
        addresses, stored, unexplained = _sample(copies[0])
        print(
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {addresses:,} addresses,"
            f" copy of {copies[0].stat().st_size / 1e6:,.0f} MB"
        )
        with _server(served, folder) as (process, port):
            _measure(process.pid, port, stored, unexplained, options.seconds, (copies, served))


def _measure(
    process: int,
    port: int,
    stored: list[str],
    unexplained: list[str],
    seconds: float,
    swapped: tuple[list[Path], Path],
) -> None:
    paths = [f"/v1/addresses/{address}" for address in stored]
    explained = [f"/v1/addresses/{address}?explain=true" for address in unexplained]
    score, batch = "/v1/addresses/score", "/v1/addresses/batch"

    def measure(what: str, ask: Callable[[], list[tuple[float, str]]], lasted: float = 0) -> None:
        before = _processor_seconds(process)
        answers = ask()
        _say(what, answers, _processor_seconds(process) - before, lasted)

    _load(port, paths, 3, 1)
    print(f"memory after the start: {_memory(process)}")
    for clients in (1, CLIENTS):
        measure(
            f"stored address, {clients} clients",
            lambda clients=clients: _load(port, paths, seconds, clients),
            seconds,
        )
    with _swapping(*swapped):
        measure(
            f"stored address, {CLIENTS} clients, {SWAPS} swaps",
            lambda: _load(port, paths, seconds, CLIENTS, check=True),
            seconds,
        )
    print(f"memory after the swaps: {_memory(process)}")
    measure(f"batch of {BATCH}", lambda: _each(port, batch, _batches(stored)))
    # The first one on a copy loads what scores.
    _times(port, explained[:1])
    measure("computed on request, alone", lambda: _times(port, explained[1:40]))
    measure(
        f"computed on request, {CLIENTS} clients",
        lambda: _load(port, explained[40:], seconds, CLIENTS),
        seconds,
    )
    measure(
        f"{TRANSACTIONS:,} transactions in the request",
        lambda: _each(port, score, [_brought(stored, number) for number in range(5)]),
    )
    print(f"memory at the end: {_memory(process)}")


def _say(what: str, answers: list[tuple[float, str]], processor: float, lasted: float) -> None:
    times = sorted(time_ for time_, _ in answers)
    wrong = [problem for _, problem in answers if problem]
    p50, p95, p99 = (
        1000 * times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.95, 0.99)
    )
    rate = f", {len(times) / lasted:,.0f} a second" if lasted else ""
    print(
        f"{what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms{rate},"
        f" {1000 * processor / len(times):.1f} ms of the processor each,"
        f" {len(times):,} requests, {len(wrong)} wrong {wrong[:1] if wrong else ''}",
        flush=True,
    )


def _load(
    port: int, paths: list[str], seconds: float, clients: int, *, check: bool = False
) -> list[tuple[float, str]]:
    """Ask with so many clients at once; returns seconds and what is wrong of each answer."""
    with multiprocessing.Pool(clients) as pool:
        jobs = [(port, paths, seconds, number, check) for number in range(clients)]
        return [answer for answers in pool.starmap(_client, jobs) for answer in answers]


def _client(
    port: int, paths: list[str], seconds: float, seed: int, check: bool
) -> list[tuple[float, str]]:
    chosen = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    answers = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        answers.append(_ask(connection, chosen.choice(paths), check=check))
    return answers


def _times(port: int, paths: list[str]) -> list[tuple[float, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    return [_ask(connection, path) for path in paths]


def _each(port: int, path: str, bodies: list[bytes]) -> list[tuple[float, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    return [_ask(connection, path, body) for body in bodies]


def _ask(
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes | None = None,
    *,
    check: bool = False,
) -> tuple[float, str]:
    headers = {"content-type": "application/json"} if body else {}
    started = time.perf_counter()
    connection.request("POST" if body else "GET", path, body, headers)
    response = connection.getresponse()
    content = response.read()
    taken = time.perf_counter() - started
    if response.status != 200:
        return taken, f"{response.status} {content[:200]!r}"
    if check:
        answer = json.loads(content)
        # What an answer says of its run and of its copy comes from two tables.
        number = response.headers["etag"].split("-")[1]
        if answer["run_id"] != RUNS[int(number)]:
            return taken, f"mixed: copy {number} and {answer['run_id']}"
    return taken, ""


@contextmanager
def _swapping(copies: list[Path], served: Path) -> Iterator[None]:
    process = multiprocessing.Process(target=_swap, args=(copies, served))
    process.start()
    try:
        yield
    finally:
        process.join()


def _swap(copies: list[Path], served: Path) -> None:
    for number in range(SWAPS):
        partial = served.with_suffix(".partial")
        os.link(copies[(number + 1) % 2], partial)
        partial.replace(served)
        # The service looks twice a second.
        time.sleep(0.7)


def _name_run(copy: Path, run: str) -> None:
    number = RUNS.index(run)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update lookup.addresses set run_id = ?", [run])
        connection.execute("update lookup.origin set run_id = ?, copy_id = ?", [run, str(number)])


def _sample(copy: Path) -> tuple[int, list[str], list[str]]:
    with duckdb.connect(str(copy), read_only=True) as connection:
        stored, unexplained = (
            [
                address
                for (address,) in connection.execute(
                    f"select address from lookup.addresses where {condition}"
                    " order by md5(address) limit 20000"
                ).fetchall()
            ]
            for condition in ("true", "state = 'scored' and reasons is null")
        )
        [(addresses,)] = connection.execute("select count(*) from lookup.addresses").fetchall()
    return addresses, stored, unexplained


def _batches(stored: list[str]) -> list[bytes]:
    chosen = random.Random(1)
    return [json.dumps({"addresses": chosen.sample(stored, BATCH)}).encode() for _ in range(30)]


def _brought(stored: list[str], number: int) -> bytes:
    """Return a request for a new address with many transactions with known ones."""
    chosen = random.Random(number)
    address = f"0x{number:040x}"
    transactions = []
    for position in range(TRANSACTIONS):
        pair = [address, chosen.choice(stored)]
        chosen.shuffle(pair)
        transactions.append(
            {
                "hash": f"0x{chosen.getrandbits(256):064x}",
                "from": pair[0],
                "to": pair[1],
                "value": str(chosen.getrandbits(62)),
                "timeStamp": str(1_650_000_000 + 600 * position),
                "gas": "21000",
                "gasPrice": "20000000000",
                "gasUsed": "21000",
                "blockNumber": str(14_000_000 + 40 * position),
            }
        )
    holdings = {"token_transfers": [], "balance_wei": "0"}
    return json.dumps({"address": address, "transactions": transactions, **holdings}).encode()


@contextmanager
def _server(copy: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "commands.lookup", "--copy", str(copy), "--port", str(port)),
            *("--reviews-url", f"sqlite:///{folder}/reviews.sqlite"),
        ],
        cwd=PROJECT_DIRECTORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close())
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(attempt: Callable[[], Any]) -> None:
    for _ in range(300):
        try:
            attempt()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("The service did not start.")


def _processor_seconds(process: int) -> float:
    # Of the user and of the system, after the name in brackets.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> str:
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines()
    )
    now, most = (int(lines[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))
    return f"{now:,.0f} MB, at most {most:,.0f} MB"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m maintenance.lookup_load", description=__doc__)
    add = parser.add_argument
    add("--copy", type=Path, default=lookup_copy(COPY), help="what make publish wrote for it")
    add(
        "--addresses",
        type=int,
        default=1_000_000,
        help="to multiply them to, 0: measure the copy as it is (default: %(default)s)",
    )
    add("--seconds", type=float, default=20, help="of each load (default: 20)")
    add("--scratch", type=Path, help="folder for two large copies (default: that of the system)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
