"""Benchmark of the feature dictionary: `python -m maintenance.benchmark` (`make bench`)."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from maintenance import PROJECT_DIRECTORY
from maintenance.benchmark.contenders import (
    CATALOGUE,
    CONTENDERS,
    FEATURES,
    THREADS,
    transaction_files,
)
from maintenance.benchmark.increment import Increment, increment
from maintenance.benchmark.report import Measurement, increments_table, page, table
from maintenance.compiled_project import compile_project

REPORT = PROJECT_DIRECTORY / "docs" / "benchmark.md"
DATA = PROJECT_DIRECTORY / "target" / "benchmark"
# Two whole loads come before the day that is measured: at ten million they take five minutes.
LARGEST_DAY = 10_000_000


def main() -> None:
    """Run the benchmark, print its table and with `--write` the page docs/benchmark.md."""
    options = _options()
    results, increments = {}, {}
    for transactions in [None] if options.data else options.transactions:
        chain_data = options.data or simulated(transactions)
        size = transactions or row_count(chain_data)
        results[size] = compare(chain_data, options.rounds, options.contenders)
        if size <= LARGEST_DAY:
            increments[size] = one_more_day(chain_data)
    print(table(results))
    print(increments_table(increments))
    if options.write:
        REPORT.write_text(page(results, increments))
        print(f"Written: {REPORT}")


def compare(
    chain_data: Path, rounds: int, contenders: Iterable[str]
) -> dict[str, list[Measurement]]:
    """Runs of the contenders on the same data, taking turns."""
    runs: dict[str, list[Measurement]] = {name: [] for name in contenders}
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        scratch = Path(directory)
        transactions_only = linked_transactions(chain_data, scratch / "chain_data")
        compile_project(scratch, f"+{FEATURES} {CATALOGUE}", transactions_only)
        for turn in range(rounds):
            for name in runs:
                runs[name].append(measure(name, transactions_only, scratch))
                print(f"round {turn + 1}, {name}: {runs[name][-1].seconds:.1f} s", flush=True)
    found = {name: (results[0].addresses, results[0].events) for name, results in runs.items()}
    if len(set(found.values())) > 1:
        sys.exit(f"Contenders differ in (addresses, events): {found}")
    return runs


def one_more_day(chain_data: Path) -> Increment:
    """The last day added to what was counted before."""
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        result = increment(chain_data, Path(directory))
    print(f"one more day: {result.day_seconds:.1f} of {result.whole_seconds:.1f} s", flush=True)
    return result


def row_count(chain_data: Path) -> int:
    """Number of transactions in a directory."""
    files = transaction_files(chain_data)
    return duckdb.execute("select count(*) from read_parquet($1)", [files]).fetchone()[0]


def measure(name: str, chain_data: Path, scratch: Path) -> Measurement:
    """One run of one contender in a process of its own."""
    command = [sys.executable, "-m", "maintenance.benchmark.contenders", name, chain_data, scratch]
    result = subprocess.run(
        command,
        cwd=PROJECT_DIRECTORY,
        env={**os.environ, "POLARS_MAX_THREADS": str(THREADS)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Measurement(**json.loads(result.stdout))


def linked_transactions(chain_data: Path, directory: Path) -> Path:
    """A directory like `chain_data` without its other tables, which no dictionary entry needs."""
    directory.mkdir()
    for name in ("transactions.parquet", "transactions"):
        if (chain_data / name).exists():
            (directory / name).symlink_to((chain_data / name).resolve())
    return directory


def simulated(transactions: int) -> Path:
    """Directory with this many simulated transactions, made once."""
    directory = DATA / f"simulated_{transactions}"
    if not directory.exists():
        print(f"Simulating {transactions:,} transactions …", flush=True)
        partial = directory.with_suffix(".partial")
        command = [sys.executable, "-m", "maintenance.simulator", "--seed", "7"]
        command += ["--transactions", str(transactions), "--out", str(partial)]
        subprocess.run(command, cwd=PROJECT_DIRECTORY, check=True)
        partial.rename(directory)
    return directory


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m maintenance.benchmark", description=__doc__)
    parser.add_argument(
        "--transactions",
        type=int,
        nargs="+",
        default=[1_000_000, 10_000_000],
        help="sizes to measure (default: 1 and 10 million)",
    )
    parser.add_argument("--rounds", type=int, default=3, help="runs per contender (default: 3)")
    parser.add_argument(
        "--contenders",
        nargs="+",
        choices=CONTENDERS,
        default=list(CONTENDERS),
        help="those to run, the floor among them (default: all)",
    )
    parser.add_argument(
        "--data", type=Path, help="measure this directory's transactions (Parquet) instead"
    )
    parser.add_argument("--write", action="store_true", help=f"write docs/{REPORT.name}")
    options = parser.parse_args()
    if options.data and options.write:
        parser.error("--write is for simulated transactions, not with --data")
    if "floor" not in options.contenders:
        parser.error("--contenders needs the floor: seconds are shown as its multiples")
    return options


if __name__ == "__main__":
    main()
