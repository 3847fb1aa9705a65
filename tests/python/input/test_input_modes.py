"""Every kind of chain export and label file is read alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from support.dbt_project import DbtProject, account, transaction, transaction_hash, write

TRANSACTIONS = "base_chain__transactions"
ETHER = 10**18
TIMES = [datetime(2018, 3, 2, 14, number, 20) for number in range(5)]


def as_text(number: int) -> dict[str, object]:
    return transaction(number, block_timestamp=f"{TIMES[number]}")


def as_epoch_seconds(number: int) -> dict[str, object]:
    seconds = (TIMES[number] - datetime(1970, 1, 1)) // timedelta(seconds=1)
    return transaction(number, block_timestamp=seconds)


def as_typed(number: int) -> dict[str, object]:
    return transaction(number, block_timestamp=TIMES[number], value=Decimal(ETHER))


def parquet_file(chain: Path) -> None:
    write(chain / "transactions.parquet", [as_typed(1), as_typed(2)])


def parquet_file_with_time_zone(chain: Path) -> None:
    rows = [as_typed(1), as_typed(2)]
    for row in rows:
        row["block_timestamp"] = row["block_timestamp"].replace(tzinfo=UTC)
    write(chain / "transactions.parquet", rows)


def parquet_folder_with_differing_types(chain: Path) -> None:
    write(chain / "transactions/2018-01.parquet", [as_epoch_seconds(1)])
    write(chain / "transactions/2018-02.parquet", [as_typed(2)])


def csv(chain: Path) -> None:
    write(chain / "transactions.csv", [as_text(1), as_text(2)])


def compressed_csv(chain: Path) -> None:
    write(chain / "transactions.csv.gz", [as_text(1), as_text(2)])


def csv_folder_with_differing_column_order(chain: Path) -> None:
    write(chain / "transactions/1.csv", [as_text(1)])
    write(chain / "transactions/2.csv", [dict(reversed(as_epoch_seconds(2).items()))])


def json_lines(chain: Path) -> None:
    write(chain / "transactions.json", [as_epoch_seconds(1), as_text(2)])


def parquet_beside_csv(chain: Path) -> None:
    write(chain / "transactions.parquet", [as_typed(1)])
    write(chain / "transactions/new.csv", [as_text(2)])


@pytest.mark.parametrize(
    "layout",
    [
        parquet_file,
        parquet_file_with_time_zone,
        parquet_folder_with_differing_types,
        csv,
        compressed_csv,
        csv_folder_with_differing_column_order,
        json_lines,
        parquet_beside_csv,
    ],
)
def test_every_layout_gives_the_same_rows(
    dbt: DbtProject, tmp_path: Path, layout: Callable[[Path], None]
) -> None:
    layout(tmp_path / "chain")
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select=f"+{TRANSACTIONS}")
    assert run.success, run.errors
    rows = run.query(
        "select transaction_hash, from_address, to_address, value_wei, block_timestamp,"
        f" rejection_reason from staging.{TRANSACTIONS} order by 1"
    )
    assert rows == [
        (transaction_hash(number), account(2 * number), account(2 * number + 1), ETHER, time, None)
        for number, time in [(1, TIMES[1]), (2, TIMES[2])]
    ]


def test_an_absent_column_is_null_and_missing_tables_are_said_once(
    dbt: DbtProject, tmp_path: Path
) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        select="+stg_chain__transactions +stg_chain__balances",
    )
    assert run.success, run.errors
    assert run.query(
        "select gas_limit, gas_price_wei, effective_gas_price_wei, gas_used, block_number,"
        " transaction_index, is_contract_creation, is_failed"
        " from staging.stg_chain__transactions"
    ) == [(None, None, None, None, None, None, False, None)]
    assert run.query("select count(*) from staging.stg_chain__balances") == [(0,)]
    assert [message for message in run.messages if message.startswith("  ")] == [
        "  transactions: 1 file, csv, layout crypto_ethereum. Columns absent: transaction_index,"
        " gas, gas_price, receipt_gas_used, receipt_contract_address, receipt_status,"
        " receipt_effective_gas_price, block_number.",
        "  Missing, taken as empty: token_transfers, balances, contracts, tokens, blocks.",
    ]


def test_timestamps_of_every_export_are_read_as_utc(dbt: DbtProject, tmp_path: Path) -> None:
    spellings = [
        "1520000000",
        "2018-03-02 14:13:20",
        "2018-03-02T14:13:20Z",
        "2018-03-02 14:13:20 UTC",
        "2018-03-02T16:13:20+02:00",
        "3/2/2018 14:13:20",
        "03/02/2018 14:13:20",
    ]
    write(
        tmp_path / "chain/transactions.csv",
        [transaction(n, block_timestamp=text) for n, text in enumerate(spellings)],
    )
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select=f"+{TRANSACTIONS}")
    assert run.query(
        "select block_timestamp, rejection_reason"
        f" from staging.{TRANSACTIONS} order by transaction_hash"
    ) == [(datetime(2018, 3, 2, 14, 13, 20), None)] * len(spellings)


@pytest.mark.parametrize("kind", ["text", "decimal", "double"])
def test_wei_is_read_exactly_from_text_decimals_and_doubles(
    dbt: DbtProject, tmp_path: Path, kind: str
) -> None:
    values = {
        # 1 wei more than a double can tell from 119 million ether.
        "text": {
            "0": 0,
            "119000000000000000000000001": 119_000_000 * ETHER + 1,
            "1500000000000000000.0": 3 * ETHER // 2,
            "1e18": ETHER,
            "1.5E+18": 3 * ETHER // 2,
        },
        "decimal": {
            Decimal(0): 0,
            Decimal(119_000_000 * ETHER + 1): 119_000_000 * ETHER + 1,
        },
        "double": {0.0: 0, 1.5e18: 3 * ETHER // 2, 21000.0: 21000},
    }[kind]
    suffix = "csv" if kind == "text" else "parquet"
    write(
        tmp_path / f"chain/transactions.{suffix}",
        [transaction(number, value=value) for number, value in enumerate(values)],
    )
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select=f"+{TRANSACTIONS}")
    assert run.query(
        f"select value_wei, rejection_reason from staging.{TRANSACTIONS} order by transaction_hash"
    ) == [(wei, None) for wei in values.values()]


def test_addresses_become_lower_case_and_empty_text_null(dbt: DbtProject, tmp_path: Path) -> None:
    mixed = "0x" + "AbCdEf0123" * 4
    write(
        tmp_path / "chain/transactions.csv",
        [
            transaction(1, from_address=mixed, to_address="", receipt_status=""),
            transaction(2, hash="0X" + "F" * 64, to_address=mixed.upper(), receipt_status=0),
        ],
    )
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select=f"+{TRANSACTIONS}")
    assert run.query(
        "select transaction_hash, from_address, to_address, receipt_status, rejection_reason"
        f" from staging.{TRANSACTIONS} order by transaction_hash"
    ) == [
        (transaction_hash(1), mixed.lower(), None, None, None),
        ("0x" + "f" * 64, account(4), mixed.lower(), 0, None),
    ]


def test_token_transfers_without_time_take_it_from_transactions_or_blocks(
    dbt: DbtProject, tmp_path: Path
) -> None:
    def transfer(number: int, **columns: object) -> dict[str, object]:
        return {
            "token_address": account(99),
            "from_address": account(1),
            "to_address": account(2),
            "value": str(2**256 - 1),
            "transaction_hash": transaction_hash(number),
            "block_number": number,
        } | columns

    chain = tmp_path / "chain"
    write(chain / "transactions.csv", [transaction(2, block_timestamp="2018-03-02 00:00:02")])
    write(
        chain / "blocks.csv",
        [
            {"number": 2, "timestamp": "2018-03-02 00:00:00"},
            {"number": 3, "timestamp": "2018-03-02 00:00:03"},
        ],
    )
    write(
        chain / "token_transfers.csv",
        [
            transfer(1, block_timestamp="2018-03-02 00:00:01"),
            transfer(2),
            transfer(3),
            transfer(4),
        ],
    )
    run = dbt.run(tmp_path, chain=chain, select="+int_events__token_transfers")
    assert run.success, run.errors
    assert run.query(
        "select block_number, block_timestamp, value_number"
        " from intermediate.int_events__token_transfers order by 1"
    ) == [
        (number, time, None)
        for number, time in [
            (1, datetime(2018, 3, 2, 0, 0, 1)),
            (2, datetime(2018, 3, 2, 0, 0, 2)),
            (3, datetime(2018, 3, 2, 0, 0, 3)),
            (4, None),
        ]
    ]


def test_labeled_transactions_become_labels(dbt: DbtProject, tmp_path: Path) -> None:
    def labelled(number: int, **columns: object) -> dict[str, object]:
        none = dict.fromkeys(["from_scam", "to_scam", "from_category", "to_category"])
        return transaction(number, **none | columns)

    write(
        tmp_path / "chain/transactions.csv",
        [
            labelled(1, from_scam=0, to_scam=1, to_category="Phishing"),
            labelled(2, from_scam=1, from_category="Scamming", to_scam=0),
            labelled(3, from_scam=1, from_category="a new kind", to_category="Exchange"),
        ],
    )
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        select="+address_labels",
    )
    assert run.success, run.errors
    assert run.query(
        "select address, category, label_kind, source, usage, is_report_time_known"
        " from marts.address_labels order by 1"
    ) == [
        (account(3), "phishing", "scam", "labeled_transactions", "training", False),
        (account(4), "scam", "scam", "labeled_transactions", "training", False),
        (account(6), "scam", "scam", "labeled_transactions", "training", False),
        (account(7), "exchange", "entity", "labeled_transactions", "training", False),
    ]


def test_a_glob_of_label_files_is_read_with_and_without_optional_values(
    dbt: DbtProject, tmp_path: Path
) -> None:
    optional = dict.fromkeys(["url", "confidence", "usage", "valid_to"], "")
    required = {"category": "phish-hack", "source": "Etherscan"}
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    write(
        tmp_path / "labels/a.csv",
        [required | {"address": account(1), "reported_at": ""} | optional],
    )
    write(
        tmp_path / "labels/b.csv",
        [
            required
            | {
                "address": account(2).upper(),
                "reported_at": "2018-05-01",
                "url": "https://example.org",
                "confidence": "high",
                "usage": "external",
                "valid_to": "2019-05-01 00:00:00",
            }
        ],
    )
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        labels=tmp_path / "labels/*.csv",
        select="+address_labels",
    )
    assert run.success, run.errors
    assert run.query(
        "select address, category, source, usage, confidence, url, reported_at, valid_to"
        " from marts.address_labels order by 1"
    ) == [
        (account(1), "phishing", "etherscan", "training", None, None, None, None),
        (
            *(account(2), "phishing", "etherscan", "external", "high", "https://example.org"),
            *(datetime(2018, 5, 1), datetime(2019, 5, 1)),
        ),
    ]
    assert f"Labels: {tmp_path}/labels/a.csv and {tmp_path}/labels/b.csv." in run.messages


def test_the_simulated_sample_meets_added_labels_but_never_a_real_chain(
    dbt: DbtProject, tmp_path: Path
) -> None:
    labels = write(
        tmp_path / "labels.csv",
        [{"address": account(1), "category": "ponzi", "source": "mine", "reported_at": ""}],
    )
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    models = "resource_type:seed stg_labels__address_labels base_labels__address_labels"
    sources = {}
    for name, chain in [("sample", None), ("real", tmp_path / "chain")]:
        run = dbt.run(
            tmp_path / name,
            chain=chain,
            labels=labels,
            select=f"{models} +base_labels__transaction_labels +{TRANSACTIONS}",
        )
        assert run.success, run.errors
        seeds = {node for node in run.statuses if node.startswith("sample_")}
        assert bool(seeds) == (name == "sample")
        found = run.query(
            "select source, count(*) from staging.stg_labels__address_labels group by 1"
        )
        sources[name] = dict(found)
        assert ("simulated sample" in run.log) == (name == "sample")
    assert sources["real"] == {"mine": 1}
    assert sources["sample"]["mine"] == 1
    assert len(sources["sample"]) > 1
