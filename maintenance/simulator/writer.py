"""Files: each table chunk by chunk as Parquet or CSV."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from maintenance.simulator.simulation import Simulation
from maintenance.simulator.tables import all_tables


def write(simulation: Simulation, directory: Path, file_format: str, prefix: str = "") -> None:
    """Write every table to `<directory>/<prefix><table>.<format>`."""
    directory.mkdir(parents=True, exist_ok=True)
    save = {"parquet": _save_parquet, "csv": _save_csv}[file_format]
    for name, parts in all_tables(simulation).items():
        save(directory / f"{prefix}{name}.{file_format}", parts)


def _save_parquet(path: Path, parts: Iterator[pa.Table]) -> None:
    first = next(parts)
    with pyarrow.parquet.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(part)


def _save_csv(path: Path, parts: Iterator[pa.Table]) -> None:
    """Write NULL as nothing, times as `2021-03-04 05:06:07`, and no quotes."""
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        for number, part in enumerate(parts):
            if number == 0:
                file.write((",".join(part.column_names) + "\n").encode())
            pyarrow.csv.write_csv(_plain(part), file, options)


def _plain(table: pa.Table) -> pa.Table:
    for position, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            seconds = table.column(position).cast(pa.timestamp("s"))
            table = table.set_column(position, column.name, seconds)
        elif pa.types.is_decimal(column.type):
            table = table.set_column(
                position, column.name, table.column(position).cast(pa.string())
            )
    return table
