"""Compressed files: what they are, their first bytes, and whether they are complete."""

import gzip
import zlib
from pathlib import Path

import pyarrow as pa

from commands.check.errors import InputError

CHUNK_BYTES = 1 << 20

MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}

# What DuckDB cannot read, by its first bytes, and what to do about it.
FOREIGN = {
    b"PK\x03\x04": "a zip archive. Unpack it",
    b"BZh": "compressed with bzip2. Unpack it or compress it with gzip",
    b"\xfd7zXZ": "compressed with xz. Unpack it or compress it with gzip",
    b"\x04\x22\x4d\x18": "compressed with lz4. Unpack it or compress it with gzip",
    b"Obj\x01": "an Avro file. Export it as Parquet or CSV",
    b"ORC": "an ORC file. Export it as Parquet or CSV",
    b"PARE": "an encrypted Parquet file. Write it without encryption",
    b"SQLite format 3": "an SQLite database. Export its tables as CSV",
    b"ARROW1": "a Feather or Arrow file. Write it as Parquet",
    b"FEA1": "a Feather file. Write it as Parquet",
    b"\x89HDF": "an HDF5 file. Write it as Parquet",
    # A pickle, by its protocol.
    **dict.fromkeys(
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "a pickle of Python. Write it as Parquet",
    ),
}

# Where a tar archive says that it is one.
TAR = slice(257, 262), b"ustar"


def compression_of(path: Path, head: bytes) -> str:
    """`gzip`, `zstd` or '' by the first bytes. Raises InputError for what cannot be read."""
    refuse_foreign(path, head)
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise InputError for what DuckDB cannot read, by the first bytes, packed or unpacked."""
    place, magic = TAR
    if head[place] == magic:
        raise InputError(f"{path} is a tar archive. Unpack it.")
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise InputError(f"{path} is {what}.")


def unpacked_head(path: Path, compression: str, size: int) -> bytes:
    """The first bytes of a file, unpacked."""
    if compression == "gzip":
        try:
            with gzip.open(path) as stream:
                return stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(_incomplete(path, str(error))) from None
    if compression == "zstd":
        try:
            with pa.CompressedInputStream(str(path), "zstd") as stream:
                return stream.read(size)
        except OSError as error:
            raise InputError(_incomplete(path, str(error))) from None
    with path.open("rb") as file:
        return file.read(size)


def require_complete(path: Path, compression: str) -> None:
    """Unpack a file to its end. Raises InputError where it is cut off or damaged.

    DuckDB reads a truncated file up to the cut and says nothing.
    """
    if compression == "gzip":
        _require_complete_gzip(path)
    elif compression == "zstd":
        try:
            with pa.CompressedInputStream(str(path), "zstd") as stream:
                while stream.read(CHUNK_BYTES):
                    pass
        except OSError as error:
            raise InputError(_incomplete(path, str(error))) from None


def _require_complete_gzip(path: Path) -> None:
    member = zlib.decompressobj(31)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            while chunk:
                try:
                    member.decompress(chunk)
                except zlib.error as error:
                    raise InputError(_incomplete(path, str(error))) from None
                chunk = member.unused_data
                if member.eof and chunk:  # another member follows
                    member = zlib.decompressobj(31)
                elif not member.eof:
                    break
    if not member.eof:
        raise InputError(_incomplete(path, "its end is missing"))


def _incomplete(path: Path, reason: str) -> str:
    return f"{path} is incomplete or damaged: {reason}. Get it again, nothing of it was read."
