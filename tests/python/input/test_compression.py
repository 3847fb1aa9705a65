"""A compressed file that is cut off or damaged is refused, never read up to the damage."""

import gzip
import json
import pickle
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.check.compression import require_complete
from commands.check.errors import InputError
from support.dbt_project import transaction
from support.reader import csv_text, json_lines, packed, put, read, refusal, texts, zstd

ROWS = [transaction(number) for number in range(300)]
CSV = csv_text(ROWS).encode()

# Random bytes, which compression leaves nearly as they are, so that a cut is anywhere in them.
NOISE = random.Random(1).randbytes(5_000)


def flipped(content: bytes, position: int) -> bytes:
    """The content with one bit of a byte turned."""
    return content[:position] + bytes([content[position] ^ 16]) + content[position + 1 :]


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("ending", ["csv", "json", "whatever"])
def test_compression_is_known_by_content(tmp_path: Path, compression: str, ending: str) -> None:
    text = json_lines(ROWS) if ending == "json" else csv_text(ROWS)
    put(tmp_path / f"transactions.{ending}", packed(text.encode(), compression))
    assert read(tmp_path) == texts(*ROWS)


@pytest.mark.parametrize("name", ["transactions.csv.gz", "transactions.csv.zst"])
def test_a_name_that_says_compressed_may_hold_plain_text(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, CSV)
    assert read(tmp_path) == texts(*ROWS)


@pytest.mark.parametrize("first", [0, 10, 45, 20_000])
def test_a_gzip_file_of_several_members_is_read_whole(tmp_path: Path, first: int) -> None:
    content = gzip.compress(CSV[:first]) + gzip.compress(CSV[first:])
    put(tmp_path / "transactions.csv.gz", content)
    assert read(tmp_path) == texts(*ROWS)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@settings(max_examples=60, deadline=None)
@given(cut=st.integers(min_value=5, max_value=4_900))
def test_a_file_cut_off_anywhere_is_incomplete(
    tmp_path_factory: pytest.TempPathFactory, compression: str, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / f"cut_off.{compression}"
    whole = packed(NOISE, compression)
    require_complete(put(path, whole), compression)
    put(path, whole[:cut])
    with pytest.raises(InputError, match=f"{path} is incomplete or damaged"):
        require_complete(path, compression)


@pytest.mark.parametrize("missing", [1, 4, 8])
def test_a_gzip_file_without_its_trailer_is_incomplete(tmp_path: Path, missing: int) -> None:
    path = put(tmp_path / "transactions.csv.gz", gzip.compress(CSV)[:-missing])
    assert f"{path} is incomplete or damaged" in refusal(tmp_path)


def test_a_gzip_file_cut_at_the_end_of_a_row_is_incomplete(tmp_path: Path) -> None:
    """DuckDB reads the rows before the cut and says nothing."""
    half = CSV.index(b"\n", len(CSV) // 2) + 1
    stored = gzip.compress(CSV, compresslevel=0)
    put(tmp_path / "transactions.csv.gz", stored[: stored.index(CSV[:10]) + half])
    assert "is incomplete or damaged" in refusal(tmp_path)


def test_a_second_gzip_member_cut_off_is_incomplete(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv.gz", gzip.compress(CSV) + gzip.compress(b"1,2,3\n")[:-3])
    assert "is incomplete or damaged" in refusal(tmp_path)


@pytest.mark.parametrize("tail", [bytes(1), bytes(512), b"<html>"], ids=["zero", "zeros", "text"])
def test_what_follows_the_end_and_is_no_member_is_damage(tmp_path: Path, tail: bytes) -> None:
    """DuckDB cannot read past zeros either, and would not name the file."""
    path = put(tmp_path / "transactions.csv.gz", gzip.compress(CSV) + tail)
    assert f"{path} is incomplete or damaged" in refusal(tmp_path)


@pytest.mark.parametrize("position", [-8, -5, -4, -1], ids=["crc", "crc end", "size", "size end"])
def test_a_damaged_checksum_or_size_is_found(tmp_path: Path, position: int) -> None:
    whole = gzip.compress(CSV)
    path = put(tmp_path / "transactions.csv.gz", flipped(whole, len(whole) + position))
    assert f"{path} is incomplete or damaged" in refusal(tmp_path)


@settings(max_examples=60, deadline=None)
@given(position=st.integers(min_value=11, max_value=5_000))
def test_a_byte_flipped_anywhere_in_a_gzip_file_is_found(
    tmp_path_factory: pytest.TempPathFactory, position: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.gz"
    put(path, flipped(gzip.compress(NOISE), position))
    with pytest.raises(InputError, match="is incomplete or damaged"):
        require_complete(path, "gzip")


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_compressed_file_of_nothing_is_empty(tmp_path: Path, compression: str) -> None:
    path = put(tmp_path / "transactions.csv.gz", packed(b"", compression))
    assert f"{path} is empty" in refusal(tmp_path)


@pytest.mark.parametrize(
    "compression",
    [pytest.param("gzip", id="transactions.parquet.gz"), pytest.param("zstd", id="parquet.zst")],
)
def test_parquet_inside_another_compression_is_refused(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "transactions.parquet"
    pd.DataFrame(ROWS).to_parquet(path)
    put(path, packed(path.read_bytes(), compression))
    path = path.rename(tmp_path / "transactions.parquet.gz")
    assert f"{path} is a Parquet file inside {compression}. Unpack it." in refusal(tmp_path)


@pytest.mark.parametrize("cut", [1, 4, 8, 100, 1_000])
def test_a_parquet_file_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "transactions.parquet"
    pd.DataFrame(ROWS).to_parquet(path)
    put(path, path.read_bytes()[:-cut])
    assert f"{path} is a damaged Parquet file" in refusal(tmp_path)


@pytest.mark.parametrize("form", ["lines", "array", "envelope"])
@pytest.mark.parametrize("cut", [1, 50, 5_000])
def test_json_cut_off_is_refused_or_loses_no_row(tmp_path: Path, form: str, cut: int) -> None:
    """Without its last line end a file of JSON lines is whole."""
    text = {
        "lines": json_lines(ROWS),
        "array": json.dumps(ROWS),
        "envelope": json.dumps({"result": ROWS}),
    }[form]
    path = put(tmp_path / "transactions.json", text[:-cut])
    if form == "lines" and cut == 1:
        assert read(tmp_path) == texts(*ROWS)
    else:
        assert str(path) in refusal(tmp_path)


FOREIGN = {
    "a zip archive": b"PK\x03\x04",
    "compressed with bzip2": b"BZh91AY",
    "compressed with xz": b"\xfd7zXZ\x00",
    "compressed with lz4": b"\x04\x22\x4d\x18",
    "an Avro file": b"Obj\x01",
    "an ORC file": b"ORC",
    "an SQLite database": b"SQLite format 3\x00",
    "a Feather or Arrow file": b"ARROW1\x00\x00",
    "an HDF5 file": b"\x89HDF\r\n",
    "a pickle of Python": pickle.dumps(ROWS),
    "a tar archive": b"transactions.csv".ljust(257, b"\0") + b"ustar\0",
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("name", ["transactions.csv", "transactions.csv.gz", "transactions/part"])
def test_what_duckdb_cannot_read_is_named(tmp_path: Path, what: str, name: str) -> None:
    path = put(tmp_path / name, FOREIGN[what] + NOISE)
    assert f"{path} is {what}" in refusal(tmp_path)


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_what_duckdb_cannot_read_is_named_inside_a_compression(
    tmp_path: Path, what: str, compression: str
) -> None:
    path = put(tmp_path / "transactions.csv.gz", packed(FOREIGN[what] + NOISE, compression))
    assert f"{path} is {what}" in refusal(tmp_path)


@pytest.mark.parametrize("first", [0, 10, 45, 20_000])
def test_a_zstd_file_of_several_frames_is_read_whole(tmp_path: Path, first: int) -> None:
    put(tmp_path / "transactions.csv.zst", zstd(CSV[:first]) + zstd(CSV[first:]))
    assert read(tmp_path) == texts(*ROWS)


def test_a_complete_file_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    path = put(tmp_path / "transactions.csv.gz", gzip.compress(CSV))
    assert len(read(tmp_path)) == len(ROWS)
    shutil.copy(path, tmp_path / "transactions-2.csv.gz")
    assert len(read(tmp_path)) == 2 * len(ROWS)
    put(path, path.read_bytes()[:-9])
    assert str(path) in refusal(tmp_path)
