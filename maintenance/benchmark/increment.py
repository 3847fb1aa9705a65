"""What one more day costs where loads add days, beside counting the whole history.

Two loads by dbt read everything before the last day, so that the second one settles days and
counts them. The third adds the last day. Seconds are those of the feature models alone, as dbt
reports them: reading the files and the start of dbt cost the same whatever was counted before.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from maintenance.benchmark.contenders import THREADS, transaction_files
from maintenance.compiled_project import DATABASE_NAME, run_dbt

FOLDER = "models/intermediate/features/"
# In percent. Windows of backtests count these alone; with everyone there would be as many histories
# as windows.
UNLABELLED_SAMPLE = 5
# What a load leaves for the next one, with all it is made of.
LOADED = ("+int_events__chain_state",)
COUNTED = ("+int_features__fold_state", *LOADED)


class Increment(NamedTuple):
    """Seconds of the feature models, and what the day added."""

    whole_seconds: float
    day_seconds: float
    day_transactions: int
    changed_addresses: int


def increment(chain_data: Path, scratch: Path) -> Increment:
    """Measure on the transactions of a directory. Raises RuntimeError if dbt fails."""
    files = transaction_files(chain_data)
    connection = duckdb.connect()
    last = connection.execute(
        "select max(block_timestamp)::date from read_parquet($1)", [files]
    ).fetchone()[0]
    days = [last - timedelta(days=1), last, last + timedelta(days=1)]
    seconds = []
    for number, end in enumerate(days):
        _write(connection, files, None if number == 0 else days[number - 1], end, scratch / "chain")
        options = ["--exclude", "tag:train"] if number == 2 else []
        seconds.append(_load(scratch, COUNTED if number else LOADED, options))
    database = duckdb.connect(scratch / f"{DATABASE_NAME}.duckdb", read_only=True)
    (changed,) = database.execute(
        "select count(*) from intermediate.int_features__changed_addresses"
    ).fetchone()
    (added,) = connection.execute(
        "select count(*) from read_parquet($1) where block_timestamp::date = $2", [files, last]
    ).fetchone()
    return Increment(seconds[1], seconds[2], added, changed)


def _write(
    connection: duckdb.DuckDBPyConnection,
    files: list[str],
    start: date | None,
    end: date,
    chain: Path,
) -> None:
    """Write the transactions from `start` to before `end` as one more file of the chain."""
    directory = chain / "transactions"
    directory.mkdir(parents=True, exist_ok=True)
    connection.execute(
        "copy (select * from read_parquet($1) where block_timestamp < $2"
        " and ($3 is null or block_timestamp >= $3))"
        f" to '{directory / f'before_{end}.parquet'}' (format parquet)",
        [files, end, start],
    )


def _load(scratch: Path, models: tuple[str, ...], options: list[str]) -> float:
    """Run the models; the seconds of those in the folder of features."""
    manifest = run_dbt(
        scratch,
        scratch / "chain",
        {"incremental_loads": True, "unlabelled_sample_percent": UNLABELLED_SAMPLE},
        *("build", "--select", *models, "--exclude-resource-type", "test", "unit_test"),
        *("--threads", str(THREADS), *options),
    )
    results = json.loads((scratch / "target" / "run_results.json").read_text())["results"]
    return sum(
        each["execution_time"]
        for each in results
        if manifest["nodes"][each["unique_id"]]["original_file_path"].startswith(FOLDER)
    )
