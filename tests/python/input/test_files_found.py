"""Every file in CHAIN_DATA is read, listed as not read, or an error that names it."""

import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from commands.check.errors import InputError
from support.dbt_project import transaction, transaction_hash, write
from support.input_files import planned, rows

HEADER = ",".join(transaction(1))


def csv(number: int) -> str:
    return f"{HEADER}\n" + ",".join(transaction(number).values()) + "\n"


def put(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def hashes(chain: Path) -> list[str]:
    return [value for (value,) in rows(planned(chain), "transactions", "hash")]


def zstd(text: str) -> bytes:
    return zstd_bytes(text.encode())


def zstd_bytes(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


READ = {
    "part[1].csv": ["transactions/part[1].csv", "transactions/part1.csv"],
    "patterns": ["transactions/a*.csv", "transactions/ab.csv", "transactions/a?.csv"],
    "quotes, spaces, umlauts": ["transactions/it's a ü file.csv"],
    "upper case": ["TRANSACTIONS.CSV", "Transactions/PART.CSV"],
    "shards": ["transactions.csv", "transactions-000000000001.csv", "transactions_1_2.csv"],
    "hive": ["transactions/date=2024-01-15/a.csv", "transactions/date=2024-01-16/a.csv"],
    "exporter": ["transactions/start_block=0/end_block=9/transactions_0_9.csv"],
    "cryo": ["ethereum__transactions__0_to_9.csv"],
    "folder with an ending": ["transactions.csv/part-0"],
}


@pytest.mark.parametrize("names", READ.values(), ids=READ)
def test_each_of_these_files_is_read_once(tmp_path: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        put(tmp_path / "[2020]" / name, csv(number))
    assert hashes(tmp_path / "[2020]") == [transaction_hash(n) for n in range(len(names))]


def test_format_and_compression_are_told_by_content(tmp_path: Path) -> None:
    put(tmp_path / "transactions/a.txt.gz", gzip.compress(csv(0).encode()))
    put(tmp_path / "transactions/b", zstd(csv(1)))
    put(tmp_path / "transactions/c.csv", csv(2).replace(",", ";"))
    put(tmp_path / "transactions/d.tsv", csv(3).replace(",", "\t"))
    put(tmp_path / "transactions/e.csv", csv(4).encode("utf-8-sig").replace(b"\n", b"\r\n"))
    put(tmp_path / "transactions/f.csv", csv(5).encode("utf-16"))
    write(tmp_path / "g.json", [transaction(6)]).rename(tmp_path / "transactions/g.jsonl")
    put(tmp_path / "transactions/h.dat", f"[{(tmp_path / 'transactions/g.jsonl').read_text()}]")
    assert hashes(tmp_path) == sorted(transaction_hash(n) for n in [0, 1, 2, 3, 4, 5, 6, 6])


def test_other_files_are_listed_as_not_read(tmp_path: Path) -> None:
    for name in ["transactions.csv", "notes.txt", "_SUCCESS", "transactions/.a.crc", "x/y.csv"]:
        put(tmp_path / name, csv(1))
    assert planned(tmp_path).not_read == ["_SUCCESS", "notes.txt", "transactions/.a.crc", "x/y.csv"]


REFUSED = {
    "begins like a table": ("transactions_old.csv", csv(1), "begins like the table transactions"),
    "empty": ("transactions.csv", b"", "is empty"),
    "no header": ("transactions.csv", csv(1).split("\n", 1)[1], "no column name in its first line"),
    "web page": ("transactions.csv", "<!DOCTYPE html><html>", "is a web page"),
    "zip": ("transactions.csv", b"PK\x03\x04....", "zip archive"),
    "xz": ("transactions.csv.xz", b"\xfd7zXZ....", "xz"),
    "avro": ("transactions.avro", b"Obj\x01....", "Avro"),
    "no parquet": ("transactions.parquet", b"hello", "is not a Parquet file"),
    "cut parquet": ("transactions.parquet", b"PAR1 and more", "damaged Parquet file"),
    "array of texts": ("transactions.json", '["0x1", "0x2"]', "JSON object"),
    "cut json": ("transactions.json", '[{"hash": "0x1"}, {"ha', "not valid JSON"),
    "column twice": ("transactions.csv", csv(1).replace("value", "Hash", 1), "has the column"),
}


@pytest.mark.parametrize(("name", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = put(tmp_path / name, content)
    with pytest.raises(InputError) as error:
        planned(tmp_path)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_a_parquet_file_inside_gzip_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [transaction(1)])
    packed = put(tmp_path / "chain/transactions.parquet.gz", gzip.compress(path.read_bytes()))
    with pytest.raises(InputError, match=r"Parquet file inside gzip. Unpack it") as error:
        planned(packed.parent)
    assert str(packed) in str(error.value)


@pytest.mark.parametrize("pack", [gzip.compress, zstd_bytes], ids=["gzip", "zstd"])
def test_a_file_cut_anywhere_is_incomplete(tmp_path: Path, pack) -> None:
    whole = pack("".join(csv(number) for number in range(300)).encode())
    path = tmp_path / "transactions.csv.packed"
    for end in [4, 12, len(whole) // 3, len(whole) // 2, len(whole) - 9, len(whole) - 1]:
        put(path, whole[:end])
        with pytest.raises(InputError, match="is incomplete or damaged"):
            planned(tmp_path)


def test_members_of_a_gzip_file_are_whole_and_what_follows_is_damage(tmp_path: Path) -> None:
    head, body = csv(1).split("\n", 1)
    content = gzip.compress(f"{head}\n".encode()) + gzip.compress(body.encode())
    put(tmp_path / "transactions.csv.gz", content)
    assert hashes(tmp_path) == [transaction_hash(1)]
    put(tmp_path / "transactions.csv.gz", content + b"junk")
    with pytest.raises(InputError, match="incomplete or damaged"):
        planned(tmp_path)


@pytest.mark.parametrize("kind", ["nothing", "a file", "empty"])
def test_a_folder_without_tables_is_an_error(tmp_path: Path, kind: str) -> None:
    chain = tmp_path / "chain"
    if kind == "a file":
        chain.write_text("x")
    if kind == "empty":
        chain.mkdir()
    with pytest.raises(InputError, match=r"CHAIN_DATA: .*chain"):
        planned(chain)


def test_ragged_rows_stop_with_the_file_named(tmp_path: Path) -> None:
    path = put(tmp_path / "transactions.csv", csv(1) + "0x1,0x2\n")
    with pytest.raises(duckdb.Error, match=str(path)):
        hashes(tmp_path)
