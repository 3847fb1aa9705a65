"""The chain simulator: repeatable, of the right shape, complete, and balanced."""

import csv
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maintenance.simulator import ledger, marginals, timeline
from maintenance.simulator.__main__ import main
from maintenance.simulator.simulation import Simulation, simulate
from maintenance.simulator.tables import all_tables, wei_array
from maintenance.simulator.writer import write

SIZE = 20_000
BYZANTIUM = datetime(2017, 10, 16, 5, 22)
LONDON = datetime(2021, 8, 5, 12, 33)
SCAMS = {"phishing", "giveaway", "fake_ico", "drainer", "address_poisoning"}

INTEGER, TEXT, WEI, TIME, TRUTH = (
    pa.int64(),
    pa.string(),
    pa.decimal128(38, 0),
    pa.timestamp("us"),
    pa.bool_(),
)
SCHEMAS = {
    "transactions": {
        "hash": TEXT,
        "nonce": INTEGER,
        "transaction_index": INTEGER,
        "from_address": TEXT,
        "to_address": TEXT,
        "value": WEI,
        "gas": INTEGER,
        "gas_price": INTEGER,
        "max_fee_per_gas": INTEGER,
        "max_priority_fee_per_gas": INTEGER,
        "transaction_type": INTEGER,
        "receipt_gas_used": INTEGER,
        "receipt_contract_address": TEXT,
        "receipt_status": INTEGER,
        "receipt_effective_gas_price": INTEGER,
        "block_timestamp": TIME,
        "block_number": INTEGER,
    },
    "token_transfers": {
        "token_address": TEXT,
        "from_address": TEXT,
        "to_address": TEXT,
        "value": TEXT,
        "transaction_hash": TEXT,
        "log_index": INTEGER,
        "block_timestamp": TIME,
        "block_number": INTEGER,
    },
    "balances": {"address": TEXT, "eth_balance": WEI},
    "contracts": {
        "address": TEXT,
        "is_erc20": TRUTH,
        "is_erc721": TRUTH,
        "block_timestamp": TIME,
        "block_number": INTEGER,
    },
    "tokens": {
        "address": TEXT,
        "symbol": TEXT,
        "name": TEXT,
        "decimals": TEXT,
        "total_supply": TEXT,
        "block_timestamp": TIME,
        "block_number": INTEGER,
    },
    "blocks": {
        "number": INTEGER,
        "timestamp": TIME,
        "miner": TEXT,
        "gas_limit": INTEGER,
        "gas_used": INTEGER,
        "base_fee_per_gas": INTEGER,
        "transaction_count": INTEGER,
    },
    "labels": {
        "address": TEXT,
        "category": TEXT,
        "source": TEXT,
        "reported_at": TIME,
        "url": TEXT,
        "confidence": pa.float64(),
        "usage": TEXT,
        "valid_to": TIME,
    },
}


def read(simulation: Simulation) -> dict[str, pa.Table]:
    return {name: pa.concat_tables(parts) for name, parts in all_tables(simulation).items()}


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(SIZE, seed=1)


@pytest.fixture(scope="module")
def tables(simulation: Simulation) -> dict[str, pa.Table]:
    return read(simulation)


@pytest.fixture(scope="module")
def chain(tables: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def count(chain: duckdb.DuckDBPyConnection, query: str) -> int:
    return chain.sql(f"select count(*) from {query}").fetchone()[0]


def test_the_same_seed_gives_the_same_rows(tables: dict[str, pa.Table]) -> None:
    again = read(simulate(SIZE, seed=1))
    assert all(again[name].equals(table) for name, table in tables.items())


def test_another_seed_gives_other_rows(tables: dict[str, pa.Table]) -> None:
    other = read(simulate(SIZE, seed=2))
    mine, theirs = (set(t["transactions"]["hash"].to_pylist()) for t in (tables, other))
    assert mine.isdisjoint(theirs)


def test_the_number_of_transactions_is_exact() -> None:
    assert len(simulate(2_000, seed=3).transactions) == 2_000
    assert len(simulate(7_777, seed=3).transactions) == 7_777


@pytest.mark.parametrize("size", [1, 2, 3, 10, 99, 1_999])
@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_chain_of_any_size_is_complete(tmp_path: Path, size: int, file_format: str) -> None:
    """Tables without rows too have their columns, and no table names what is not there."""
    main(["--transactions", str(size), "--out", str(tmp_path), "--format", file_format])
    connection = duckdb.connect()
    for name, columns in SCHEMAS.items():
        connection.execute(f"create table {name} as from '{tmp_path / name}.{file_format}'")
        assert connection.table(name).columns == list(columns)
        if file_format == "parquet":
            assert pq.read_schema(tmp_path / f"{name}.parquet").equals(pa.schema(columns))
    assert count(connection, "transactions") == size
    assert count(connection, "(select distinct hash from transactions)") == size
    for broken in [
        "token_transfers anti join transactions on transaction_hash = hash",
        "token_transfers as t anti join tokens on t.token_address = tokens.address",
        "tokens anti join contracts using (address)",
        "transactions anti join contracts on receipt_contract_address = address"
        " where to_address is null",
        "transactions anti join balances on from_address = address",
        "transactions anti join blocks on block_number = number",
        "blocks anti join transactions on block_number = number",
        "balances where cast(eth_balance as hugeint) < 0",
    ]:
        assert count(connection, broken) == 0, broken
    connection.execute("""
        create table seen as
        select unnest([from_address, to_address, receipt_contract_address]) as address
        from transactions
        union select unnest([token_address, from_address, to_address]) from token_transfers
    """)
    for name in ("labels", "contracts"):
        assert count(connection, f"{name} anti join seen using (address)") == 0


def test_a_small_chain_covers_the_whole_time() -> None:
    times = simulate(10, seed=1).transactions.timestamp - timeline.EPOCH
    assert times[0] < 0.25 * timeline.SPAN
    assert times[-1] > 0.75 * timeline.SPAN


def test_a_chain_without_transactions_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="at least 1 transaction"):
        simulate(0, seed=1)
    for number in ("0", "-5", "many"):
        with pytest.raises(SystemExit) as stopped:
            main(["--transactions", number, "--out", "nowhere"])
        assert stopped.value.code == 2
        assert "--transactions" in capsys.readouterr().err


@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_and_types(tables: dict[str, pa.Table], name: str) -> None:
    schema = tables[name].schema
    assert dict(zip(schema.names, schema.types, strict=True)) == SCHEMAS[name]


@pytest.mark.parametrize(
    ("table", "column", "digits"),
    [
        ("transactions", "hash", 64),
        ("transactions", "from_address", 40),
        ("transactions", "to_address", 40),
        ("transactions", "receipt_contract_address", 40),
        ("token_transfers", "token_address", 40),
        ("token_transfers", "transaction_hash", 64),
        ("balances", "address", 40),
        ("blocks", "miner", 40),
        ("labels", "address", 40),
    ],
)
def test_hexadecimal_text(
    chain: duckdb.DuckDBPyConnection, table: str, column: str, digits: int
) -> None:
    pattern = f"^0x[0-9a-f]{{{digits}}}$"
    assert count(chain, f"{table} where not regexp_matches({column}, '{pattern}')") == 0


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("transactions", "hash"),
        ("transactions", "block_number, transaction_index"),
        ("transactions", "from_address, nonce"),
        ("token_transfers", "block_number, log_index"),
        ("balances", "address"),
        ("contracts", "address"),
        ("tokens", "address"),
        ("blocks", "number"),
        ("blocks", "timestamp"),
        ("labels", "address, category, source"),
    ],
)
def test_keys(chain: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    assert count(chain, f"(select {key} from {table} group by {key} having count(*) > 1)") == 0


def test_rows_are_in_chain_order(tables: dict[str, pa.Table]) -> None:
    for name in ("transactions", "token_transfers"):
        assert np.all(np.diff(tables[name]["block_number"].to_numpy()) >= 0)
        assert np.all(np.diff(tables[name]["block_timestamp"].to_numpy()).astype(int) >= 0)
    stamps = tables["transactions"]["block_timestamp"]
    assert stamps[0].as_py() >= datetime(2017, 1, 1)
    assert stamps[-1].as_py() < datetime(2023, 1, 1)


@pytest.mark.parametrize(
    "case",
    [
        "transactions where to_address is null and value > 0",
        "transactions where to_address is null and value = 0",
        "transactions where receipt_status = 0 and value > 0",
        "transactions where from_address = to_address",
        "transactions where value = 0",
        "transactions where value between 1 and 1000000000000",
        "transactions where value % 10000000000000000 = 0 and value > 0",
        "transactions where value % 10 > 0",
        "transactions where receipt_status is null",
        "transactions where transaction_type = 2",
        f"transactions where transaction_type = 0 and block_timestamp > timestamp '{LONDON}'",
        "token_transfers where try_cast(value as hugeint) is null and length(value) = 78",
        "token_transfers where value = '0'",
        "token_transfers semi join (select * from contracts where is_erc721) as nft"
        " on token_address = nft.address where length(value) <= 4",
        "token_transfers semi join (select * from contracts where is_erc721) as nft"
        " on token_address = nft.address where length(value) > 70",
        "contracts where not is_erc20 and not is_erc721",
        "contracts where block_timestamp < timestamp '2017-01-01'",
        "labels where usage is null",
        "labels where usage = 'external' and source = 'simulated_regulator'",
        "labels where valid_to is not null",
        "labels where category = 'benign'",
        "labels where category = 'exchange'",
        "labels where category = 'mining_pool'",
        "labels where category = 'dex'",
        "labels where category = 'token_contract'",
    ],
)
def test_special_case_is_present(chain: duckdb.DuckDBPyConnection, case: str) -> None:
    assert count(chain, case) > 0


def test_status_is_unknown_exactly_before_byzantium(chain: duckdb.DuckDBPyConnection) -> None:
    wrong = f"(receipt_status is null) != (block_timestamp < timestamp '{BYZANTIUM}')"
    assert count(chain, f"transactions where {wrong}") == 0


def test_eip_1559_columns_appear_only_after_london(chain: duckdb.DuckDBPyConnection) -> None:
    early = f"block_timestamp < timestamp '{LONDON}'"
    dynamic = "(max_fee_per_gas is not null or transaction_type = 2)"
    assert count(chain, f"transactions where {early} and {dynamic}") == 0
    partial = "(max_fee_per_gas is null) != (max_priority_fee_per_gas is null)"
    assert count(chain, f"transactions where {partial}") == 0
    assert count(chain, "transactions where max_fee_per_gas < receipt_effective_gas_price") == 0
    underpaid = (
        "transactions inner join blocks on block_number = number"
        " where receipt_effective_gas_price < base_fee_per_gas"
    )
    assert count(chain, underpaid) == 0


def test_gas_used_never_exceeds_the_limit(chain: duckdb.DuckDBPyConnection) -> None:
    assert count(chain, "transactions where receipt_gas_used > gas or gas < 21000") == 0
    assert count(chain, "blocks where gas_used > gas_limit") == 0


def test_a_creation_names_its_contract(chain: duckdb.DuckDBPyConnection) -> None:
    both = "(to_address is null) != (receipt_contract_address is not null)"
    assert count(chain, f"transactions where {both}") == 0
    unknown = (
        "transactions anti join contracts on receipt_contract_address = contracts.address"
        " where to_address is null"
    )
    assert count(chain, unknown) == 0


def test_contracts_and_failed_transactions_move_nothing(chain: duckdb.DuckDBPyConnection) -> None:
    assert count(chain, "transactions semi join contracts on from_address = address") == 0
    reverted = (
        "token_transfers semi join (select * from transactions where receipt_status = 0) as failed"
        " on transaction_hash = failed.hash"
    )
    assert count(chain, reverted) == 0


def test_blocks_agree_with_their_transactions(chain: duckdb.DuckDBPyConnection) -> None:
    totals = """
        (
            select block_number, block_timestamp, count(*) as size, sum(receipt_gas_used) as used
            from transactions group by all
        ) as t
        full join blocks as b on t.block_number = b.number
        where size is distinct from transaction_count or used is distinct from gas_used
            or t.block_timestamp is distinct from b.timestamp
    """
    assert count(chain, totals) == 0


def test_token_transfers_belong_to_their_transaction(chain: duckdb.DuckDBPyConnection) -> None:
    orphans = """
        token_transfers as m
        anti join transactions as t
            on m.transaction_hash = t.hash and m.block_number = t.block_number
            and m.block_timestamp = t.block_timestamp
    """
    assert count(chain, orphans) == 0
    assert count(chain, "token_transfers anti join tokens on token_address = address") == 0


def test_a_look_alike_shares_both_ends_with_somebody_the_victim_paid(
    chain: duckdb.DuckDBPyConnection,
) -> None:
    fake, paid = (
        chain.sql(
            f"select from_address, to_address from token_transfers where {condition}"
        ).fetchall()
        for condition in (
            "value = '0' and to_address in"
            " (select address from labels where category = 'address_poisoning')",
            "value != '0'",
        )
    )
    ends = defaultdict(set)
    for sender, recipient in paid:
        ends[sender].add((recipient[:6], recipient[-4:], recipient))
    matches = [
        any(
            (head, tail) == (copy[:6], copy[-4:]) and full != copy
            for head, tail, full in ends[victim]
        )
        for victim, copy in fake
    ]
    # The payment that the attacker saw can have failed.
    assert np.mean(matches) > 0.85


def test_labels_arrive_late_and_cover_a_part(
    simulation: Simulation, tables: dict[str, pa.Table]
) -> None:
    scams = simulation.scams
    addresses = simulation.world.addresses.text(scams.ids).to_pylist()
    start = dict(zip(addresses, scams.start, strict=True))
    rows = [row for row in tables["labels"].to_pylist() if row["address"] in start]
    delays = [
        (row["reported_at"].timestamp() - timeline.EPOCH - start[row["address"]]) / timeline.DAY
        for row in rows
        if row["reported_at"] is not None and row["category"] in SCAMS
    ]
    assert min(delays) > 0
    assert 7 < np.median(delays) < 120
    assert any(row["reported_at"] is None for row in rows)
    assert 0.7 < len({row["address"] for row in rows}) / len(addresses) < 0.97


def test_two_sources_contradict_each_other(chain: duckdb.DuckDBPyConnection) -> None:
    both = """(
        select address from labels where category in ('benign', 'phishing')
        group by address having count(distinct category) = 2 and count(distinct source) = 2
    )"""
    assert count(chain, both) > 0


def test_every_source_is_called_simulated(tables: dict[str, pa.Table]) -> None:
    assert all(name.startswith("simulated_") for name in tables["labels"]["source"].to_pylist())


def test_balances_are_the_sum_of_all_flows(
    simulation: Simulation, tables: dict[str, pa.Table]
) -> None:
    """Recomputed with Python integers from the written rows, transaction by transaction."""
    world = simulation.world
    everyone = world.addresses.text(np.arange(world.address_count)).to_pylist()
    balance = dict(
        zip(
            everyone,
            (int(gwei) * ledger.GWEI for gwei in simulation.balances.endowment_gwei),
            strict=True,
        )
    )
    base_fee = {b["number"]: b["base_fee_per_gas"] or 0 for b in tables["blocks"].to_pylist()}
    miner = {b["number"]: b["miner"] for b in tables["blocks"].to_pylist()}
    lowest = 0
    for row in tables["transactions"].to_pylist():
        price, used = row["receipt_effective_gas_price"], row["receipt_gas_used"]
        value = 0 if row["receipt_status"] == 0 else int(row["value"])
        balance[row["from_address"]] -= value + used * price
        lowest = min(lowest, balance[row["from_address"]])
        balance[row["to_address"] or row["receipt_contract_address"]] += value
        balance[miner[row["block_number"]]] += used * (price - base_fee[row["block_number"]])
    for number, address in miner.items():
        balance[address] += _block_reward_wei(number)
    written = {row["address"]: int(row["eth_balance"]) for row in tables["balances"].to_pylist()}
    assert lowest == 0
    assert min(written.values()) >= 0
    assert written == {address: balance[address] for address in written}
    assert all(balance[address] == 0 for address in balance.keys() - written.keys())


def _block_reward_wei(number: int) -> int:
    for last, ether in ((4_370_000, 5), (7_280_000, 3), (15_537_394, 2)):
        if number < last:
            return ether * 10**18
    return 0


def test_amounts_keep_every_digit() -> None:
    gwei = np.array([0, 1, 9_007_199_254_740_993, 9_200_000_000_000_000_000])
    wei = np.array([0, 999_999_999, 7, 123_456_789], dtype=np.int32)
    expected = [int(g) * 10**9 + int(w) for g, w in zip(gwei, wei, strict=True)]
    assert [int(number) for number in wei_array(gwei, wei).to_pylist()] == expected


def test_block_time_is_strictly_increasing() -> None:
    for first in (4_369_900, 12_964_900, 15_537_300):
        assert np.all(np.diff(timeline.block_timestamp(np.arange(first, first + 200))) > 0)


def test_parquet_and_csv_hold_the_same_rows(
    tmp_path: Path, simulation: Simulation, tables: dict[str, pa.Table]
) -> None:
    write(simulation, tmp_path, "parquet")
    write(simulation, tmp_path, "csv", prefix="sample_")
    for name, table in tables.items():
        assert pq.read_table(tmp_path / f"{name}.parquet").equals(table)
        with (tmp_path / f"sample_{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows == [
            {column: _plain(value) for column, value in row.items()} for row in table.to_pylist()
        ]


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def test_the_command_line_writes_a_readable_chain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    main(["--transactions", "20000", "--seed", "5", "--out", str(tmp_path)])
    assert time.monotonic() - started < 20
    assert "20,000 simulated transactions" in capsys.readouterr().out
    measured = marginals.measure(str(tmp_path))
    assert measured["transactions"] == "20,000"
    assert 0.35 < float(measured["addresses with one transaction"]) < 0.7


def test_a_table_holds_enough_of_everything(chain: duckdb.DuckDBPyConnection) -> None:
    """Every evaluation view needs positives, in a sample of the committed size too."""
    chain.execute("""
        create temp table lives as
        select address, min(block_timestamp) as first_seen, max(block_timestamp) as last_seen
        from (
            select from_address as address, block_timestamp from transactions
            union all
            select to_address, block_timestamp from transactions where to_address is not null
        )
        group by address
    """)
    chain.execute("""
        create temp table positives as
        select address, min(coalesce(reported_at, timestamp '2015-01-01')) as known_at
        from labels
        where category in ('phishing', 'giveaway', 'fake_ico', 'drainer', 'address_poisoning')
            and coalesce(usage, 'training') = 'training' and valid_to is null
        group by address
    """)
    cutoff = "(select quantile_disc(block_timestamp, 0.8) from transactions)"
    joined = "positives inner join lives using (address)"
    assert count(chain, joined) >= 150
    assert count(chain, f"{joined} where known_at < {cutoff} and first_seen < {cutoff}") >= 40
    assert count(chain, f"{joined} where last_seen >= {cutoff}") >= 30
    assert count(chain, f"{joined} where first_seen >= {cutoff}") >= 10
    assert count(chain, "labels semi join lives using (address) where usage = 'external'") >= 30
