"""The directory a slice is pulled into: whole files, and the selection they belong to."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from commands.atomic import written_whole
from commands.slice.errors import SliceError
from commands.slice.tables import ChainTable

MANIFEST = "slice.json"


class SliceFolder:
    """A CHAIN_DATA directory and its manifest `slice.json`.

    A file that is there is complete: it is written under a hidden name and renamed at the end.
    """

    def __init__(self, directory: Path, record: dict[str, Any]) -> None:
        """Look at a directory that is new, empty, or holds part of the same selection.

        `record` describes the selection. Raises SliceError for a directory of something else.
        """
        self.directory = directory
        self.manifest = {"selection": record}
        if (directory / MANIFEST).exists():
            self.manifest = self._read_manifest(record)
        elif directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise SliceError(
                f"{directory} exists and holds something that is not a slice (no {MANIFEST})."
                " Choose a new directory."
            )

    def path(self, table: ChainTable, day: date | None = None) -> Path:
        """The file of a table, or of one of its days."""
        if day is None:
            return self.directory / f"{table.name}.parquet"
        return self.directory / table.name / f"{day}.parquet"

    def create(self) -> None:
        """Make the directory with its manifest."""
        self._write_manifest()

    @property
    def neighbours(self) -> dict[str, Any] | None:
        """Which neighbours are followed, once that is known."""
        return self.manifest.get("neighbours")

    def keep_neighbours(self, neighbours: dict[str, Any]) -> None:
        """Write down which neighbours are followed, so that every day follows the same ones."""
        self.manifest["neighbours"] = neighbours
        self._write_manifest()

    def write(self, path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Write rows to a file, all or nothing; the number of rows.

        Raises SliceError where a value does not fit into the column's type.
        """
        rows = 0
        # No pattern of CHAIN_DATA matches the hidden name.
        with (
            written_whole(path) as partial,
            pq.ParquetWriter(partial, schema, compression="zstd") as writer,
        ):
            for batch in batches:
                writer.write_table(_typed(batch, schema, path))
                rows += batch.num_rows
        return rows

    def _read_manifest(self, record: dict[str, Any]) -> dict[str, Any]:
        path = self.directory / MANIFEST
        try:
            manifest = json.loads(path.read_text())
            there = manifest["selection"]
        except (ValueError, KeyError, TypeError) as error:
            raise SliceError(f"{path} is damaged. Choose a new directory.") from error
        differing = [key for key in record | there if record.get(key) != there.get(key)]
        if differing:
            differences = "; ".join(
                f"{key} {_short(there.get(key))} there, {_short(record.get(key))} here"
                for key in differing
            )
            raise SliceError(
                f"{self.directory} holds another selection ({differences}). Choose a new"
                " directory, or repeat the command that began this one."
            )
        return manifest

    def _write_manifest(self) -> None:
        with written_whole(self.directory / MANIFEST) as partial:
            partial.write_text(json.dumps(self.manifest, indent=1) + "\n")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _typed(batch: pa.RecordBatch, schema: pa.Schema, path: Path) -> pa.Table:
    try:
        return pa.Table.from_batches([batch]).select(schema.names).cast(schema)
    except (pa.ArrowInvalid, KeyError) as error:
        raise SliceError(
            f"{path.parent.name}/{path.name}: the table's types are not those of the public"
            f" tables ({error})."
        ) from error
