"""What the benchmark compares, each run alone in a fresh process with two threads.

Started as `python -m maintenance.benchmark.contenders NAME CHAIN_DATA SCRATCH`; prints one line of
JSON: seconds, peak memory, spill and the written file in bytes, and the addresses and events it
found.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from maintenance.compiled_project import (
    DATABASE_NAME,
    CompiledProject,
    Node,
    build,
    duckdb_settings,
)

THREADS = 2
FEATURES = "int_features__stored_features"
CATALOGUE = "int_features__catalogue"
# Only the lifetime window is measured; the project computes some more with the same queries.
WINDOWS = "int_features__windows"
# What `FEATURES` joins for the dictionary, counterparties included, which read the edges. The other
# models are of the features of behaviour, which no other contender computes.
DICTIONARY_PARENTS = [
    "int_addresses__keys",
    "int_features__address_activity",
    "int_features__address_counterparties",
    "int_features__address_flows",
    "int_features__address_hours",
    "int_features__window_extents",
]


class Run(NamedTuple):
    """Seconds from opening the database to the written result, and the size of the result.

    `staging_seconds` is the part spent on reading, parsing and validating rows, where it can be
    told.
    """

    seconds: float
    addresses: int
    events: int
    staging_seconds: float = 0.0


def floor(chain_data: Path, scratch: Path) -> Run:
    """One hash aggregate over both sides by address: the least any feature needs."""
    started = time.perf_counter()
    connection = connect(scratch)
    connection.execute(
        """
        create table floor as
        select address, count(*) as events, min(time) as first_seen, max(time) as last_seen
        from (
            select from_address as address, block_timestamp as time from read_parquet($files)
            union all
            select to_address as address, block_timestamp as time from read_parquet($files)
            where to_address is not null
        ) as sides
        group by address
        """,
        {"files": transaction_files(chain_data)},
    )
    connection.execute("checkpoint")
    seconds = time.perf_counter() - started
    return Run(seconds, *connection.execute("select count(*), sum(events) from floor").fetchone())


def project(chain_data: Path, scratch: Path) -> Run:
    """The compiled models up to all features: they also parse, reject, deduplicate."""
    return _built(scratch, compiled_features(scratch).lineage([FEATURES]))


def dictionary(chain_data: Path, scratch: Path) -> Run:
    """The same models for the dictionary alone.

    The table of all features computes most of them itself, so its other columns are left out, and
    models that only those need stay empty.
    """
    compiled = compiled_features(scratch)
    needed = {node.name for node in compiled.lineage(DICTIONARY_PARENTS)}
    names = duckdb.execute(
        "select feature_name from (" + compiled.nodes[CATALOGUE].query + ")"
        " where feature_family = 'dictionary' and feature_name <> 'recency'"
        " order by feature_number"
    ).fetchall()
    key = compiled.nodes[FEATURES].by_ranges_of
    columns = ", ".join(["window_name", "address", key, *(name for (name,) in names)])

    def reduced(node: Node) -> Node:
        if node.name in needed:
            return node
        if node.name == FEATURES:
            return replace(node, query=f"select {columns} from ({node.query})")
        return replace(node, query=f"select * from ({node.query}) where false")

    return _built(scratch, [reduced(node) for node in compiled.lineage([FEATURES])])


def compiled_features(scratch: Path) -> CompiledProject:
    """The project as `compare` compiled it under the directory."""
    return CompiledProject(json.loads((scratch / "target" / "manifest.json").read_text()))


def _built(scratch: Path, nodes: list[Node]) -> Run:
    started = time.perf_counter()
    connection = connect(scratch)
    staging_seconds = 0.0
    for node in nodes:
        node_started = time.perf_counter()
        build(connection, [node])
        if node.schema == "staging":
            staging_seconds += time.perf_counter() - node_started
        if node.name == WINDOWS:
            connection.execute(f"delete from {node.relation} where window_name <> 'lifetime'")
    connection.execute("checkpoint")
    seconds = time.perf_counter() - started
    query = f"select count(*), sum(tx_count) from {nodes[-1].relation}"
    return Run(seconds, *connection.execute(query).fetchone(), staging_seconds)


def polars(chain_data: Path, scratch: Path) -> Run:
    """The same dictionary in Polars, written to a Parquet file."""
    import polars

    from maintenance.benchmark.polars_features import window_features

    started = time.perf_counter()
    transactions = polars.scan_parquet(transaction_files(chain_data))
    features = window_features(transactions, datetime(2015, 7, 30), datetime(2100, 1, 1))
    features.write_parquet(written_file("polars", scratch), compression="lz4")
    seconds = time.perf_counter() - started
    return Run(seconds, features.height, features["tx_count"].sum())


CONTENDERS = {"floor": floor, "project": project, "dictionary": dictionary, "polars": polars}


def written_file(name: str, scratch: Path) -> Path:
    """Where a contender writes: its database, or its only table."""
    return scratch / ("polars.parquet" if name == "polars" else f"{DATABASE_NAME}.duckdb")


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A fresh DuckDB file with the settings of the project's profile."""
    path = scratch / f"{DATABASE_NAME}.duckdb"
    path.unlink(missing_ok=True)
    connection = duckdb.connect(path, config={"threads": THREADS})
    for name, value in duckdb_settings().items():
        connection.execute(f"set {name} = '{value}'")
    return connection


def transaction_files(chain_data: Path) -> list[str]:
    """Parquet files of the transactions under CHAIN_DATA."""
    single = chain_data / "transactions.parquet"
    files = [single] if single.exists() else sorted(chain_data.glob("transactions/*.parquet"))
    return [str(file) for file in files]


@contextmanager
def spill_watched(directory: Path) -> Iterator[list[int]]:
    """Sizes in bytes that a directory of temporary files had during the block, four a second."""
    sizes = [0]
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.25):
            sizes.append(_size(directory))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield sizes
    finally:
        is_over.set()
        watcher.join()


def _size(directory: Path) -> int:
    total = 0
    for file in directory.glob("*"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:  # DuckDB has deleted it since.
            continue
    return total


def main() -> None:
    """Run one contender and print its measurement."""
    name, chain_data, scratch = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with spill_watched(scratch / f"{DATABASE_NAME}.duckdb.tmp") as spill:
        run = CONTENDERS[name](chain_data, scratch)
    # Linux counts kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    sizes = {
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        "spilled_bytes": max(spill),
        "written_bytes": written_file(name, scratch).stat().st_size,
    }
    print(json.dumps({**run._asdict(), **sizes}, default=int))


if __name__ == "__main__":
    main()
