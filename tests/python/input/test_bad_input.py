"""Bad input ends in a clear message or in the rejects, and empty input in empty marts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from support.dbt_project import DbtProject, Run, account, transaction, transaction_hash, write

STAGED = "+stg_chain__transactions"
REQUIRED = list(transaction(1))


def mart_counts(run: Run) -> dict[str, int]:
    counts = " union all ".join(
        f"select '{name}', count(*) from marts.{name}" for name in run.marts()
    )
    return dict(run.query(counts))


# --- too little ---

# Marts with rows whatever the chain holds.
OF_THE_PROJECT = {"build_runs", "features", "time_spine_daily"}


def test_an_empty_chain_gives_empty_marts(dbt: DbtProject, tmp_path: Path) -> None:
    chain = tmp_path / "chain"
    chain.mkdir()
    (chain / "transactions.csv").write_text(",".join(REQUIRED) + "\n")
    run = dbt.run(tmp_path, chain=chain, tests=True)
    assert run.success, run.errors
    counts = mart_counts(run)
    assert {"addresses", "scam_models", "investor_profile_models", "model_drift"} <= set(counts)
    assert {name for name, rows in counts.items() if rows} == {*OF_THE_PROJECT, "input_files"}


def test_a_smoke_run_builds_everything_without_rows_twice_and_says_why_there_is_no_model(
    dbt: DbtProject, simulated_chain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for tests in (True, False):
        run = dbt.run(tmp_path, chain=simulated_chain, tests=tests, options=["--empty"])
        assert run.success, run.errors
        assert not {"skipped", "fail", "error"} & set(run.statuses.values())
    # The catalogue is read without rows too.
    rows = {name for name, number in mart_counts(run).items() if number}
    assert rows == OF_THE_PROJECT - {"features"}
    said = capfd.readouterr().out
    assert "Traceback" not in said
    assert "scam_models: no model was trained" in said


def test_one_transaction_gives_two_addresses_and_no_alert(dbt: DbtProject, tmp_path: Path) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    labels = write(
        tmp_path / "labels.csv",
        [
            {"address": address, "category": "phishing", "source": "a_list", "reported_at": ""}
            for address in [account(2), account(77)]
        ],
    )
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        labels=labels,
    )
    assert run.success, run.errors
    assert run.query(
        "select address, tx_count, is_scam from marts.address_features order by 1"
    ) == [
        (account(2), 1, True),
        (account(3), 1, False),
    ]
    # A label for an address without transactions is kept.
    assert run.query(
        "select address, label_state, first_seen_at from marts.addresses order by 1"
    ) == [
        (account(2), "scam", datetime(2018, 3, 2, 14, 1, 20)),
        (account(3), "unlabelled", datetime(2018, 3, 2, 14, 1, 20)),
        (account(77), "scam", None),
    ]
    assert run.query("select count(*) from marts.address_labels") == [(2,)]
    # Of one transaction nobody can tell, so there is no non-scam to train on.
    counts = mart_counts(run)
    assert counts["scam_models"] == counts["scam_policies"] == counts["scam_alert_queue"] == 0
    assert run.query(
        "select address, state, risk_tier, state_reason from marts.scam_scores"
        " where state <> 'known_scam'"
    ) == [
        (account(3), "too_little_to_tell", None, "1 event so far, too little to tell; 3 are needed")
    ]


@pytest.mark.parametrize("labelled", ["nobody", "scams only"])
def test_labels_of_one_class_train_no_model_and_say_why(
    dbt: DbtProject,
    simulated_chain: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    labelled: str,
) -> None:
    labels: Path | str = ""
    if labelled == "scams only":
        rows = (simulated_chain / "labels.csv").read_text().splitlines(keepends=True)
        labels = tmp_path / "scams.csv"
        labels.write_text(rows[0] + "".join(row for row in rows if ",phishing," in row))
    run = dbt.run(
        tmp_path,
        chain=simulated_chain,
        labels=labels,
        select="+scam_scores",
        negatives="unlabelled" if labelled == "nobody" else "labelled",
    )
    assert run.success, run.errors
    counts = mart_counts(run)
    assert (counts["scam_models"], counts["scam_raw_scores"]) == (0, 0)
    assert run.query(
        "select distinct score, state_reason from marts.scam_scores where state = 'not_scored'"
    ) == [(None, "no scam model is trained")]
    assert "no model was trained" in capfd.readouterr().out


# --- unreadable ---


def no_directory(path: Path) -> Path:
    return path / "nothing"


def corrupted_parquet(path: Path) -> Path:
    path.mkdir()
    (path / "transactions.parquet").write_bytes(b"PAR1, cut off")
    return path


def csv_cut_off(path: Path) -> Path:
    file = write(path / "transactions.csv", [transaction(number) for number in range(30_000)])
    file.write_text(file.read_text()[:-100])
    return path


def no_value_column(path: Path) -> Path:
    row = transaction(1)
    row["amount"] = row.pop("value")
    write(path / "transactions.csv", [row])
    return path


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_directory, "CHAIN_DATA: {chain} does not exist."),
        (corrupted_parquet, "{chain}/transactions.parquet is a damaged Parquet file"),
        (csv_cut_off, "CSV Error on Line: 30001"),
        (no_value_column, "{chain}/transactions.csv has no column `value`"),
    ],
)
def test_unreadable_chain_data_stops_with_the_file_named(
    dbt: DbtProject, tmp_path: Path, damage: Callable[[Path], Path], message: str
) -> None:
    chain = damage(tmp_path / "chain")
    run = dbt.run(tmp_path, chain=chain, select=STAGED)
    assert not run.success
    assert message.format(chain=chain) in run.log
    assert str(chain) in run.log


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (None, "LABEL_DATA: no file matches {labels}. Set it to a file or a quoted glob"),
        (["address", "category", "reported_at"], "{labels} has no column `source`"),
    ],
)
def test_unreadable_label_data_stops_with_the_path_named(
    dbt: DbtProject, tmp_path: Path, columns: list[str] | None, message: str
) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    labels = tmp_path / "labels.csv"
    if columns:
        labels.write_text(",".join(columns) + "\n")
    run = dbt.run(tmp_path, chain=tmp_path / "chain", labels=labels, select=STAGED)
    assert not run.success
    assert message.format(labels=labels) in run.log


# --- bad rows ---

CHECKED = "+addresses +address_features rejected_chain_rows"

FUTURE = f"{datetime.now() + timedelta(days=3):%Y-%m-%d %H:%M:%S}"

BAD_TRANSACTIONS: dict[int, tuple[dict[str, Any], str]] = {
    1: ({"hash": "0x12"}, "malformed transaction hash"),
    2: ({"hash": ""}, "malformed transaction hash"),
    3: ({"from_address": "0x" + "g" * 40}, "malformed from_address"),
    4: ({"from_address": ""}, "malformed from_address"),
    5: ({"to_address": account(1)[:-1]}, "malformed to_address"),
    6: ({"value": "-5"}, "negative value"),
    7: ({"value": "-1e18"}, "negative value"),
    8: ({"value": "1" * 78}, "value above any possible supply"),
    9: ({"value": "1e30"}, "value above any possible supply"),
    10: (
        {"value": "12.7"},
        "value with decimals, which looks like ether: it must be in wei",
    ),
    11: ({"value": "1_000"}, "unparsable value"),
    12: ({"value": ""}, "unparsable value"),
    13: ({"block_timestamp": ""}, "unparsable timestamp"),
    14: ({"block_timestamp": "yesterday"}, "unparsable timestamp"),
    15: ({"block_timestamp": FUTURE}, "future timestamp"),
    16: ({"block_timestamp": "1970-01-01"}, "timestamp before the first block"),
}


@pytest.fixture(scope="module")
def bad_chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each bad transaction once, the first one twice, and 30 good ones; bad rows elsewhere."""
    chain = tmp_path_factory.mktemp("bad") / "chain"
    bad = [transaction(number, **columns) for number, (columns, _) in BAD_TRANSACTIONS.items()]
    good = [transaction(number) for number in range(100, 130)]
    write(chain / "transactions.csv", [bad[0], *bad, *good])
    transfer = {
        "token_address": account(99),
        "from_address": account(1),
        "to_address": account(2),
        "transaction_hash": transaction_hash(100),
    }
    write(
        chain / "token_transfers.csv",
        [transfer | {"value": value} for value in (str(2**256 - 1), "1" * 79, "-1", "")],
    )
    write(
        chain / "balances.csv",
        [
            {"address": account(1), "eth_balance": 5},
            {"address": "0x1", "eth_balance": 5},
            {"address": account(2), "eth_balance": -5},
        ],
    )
    write(
        chain / "blocks.csv",
        [{"number": number, "timestamp": 1520000000} for number in ("x", "12.7", "12.0")],
    )
    write(chain / "contracts.csv", [{"address": "vitalik.eth"}])
    write(chain / "tokens.csv", [{"address": ""}])
    return chain


@pytest.fixture(scope="module")
def stopped(dbt: DbtProject, bad_chain: Path) -> Run:
    return dbt.run(bad_chain.parent, chain=bad_chain, select=CHECKED)


def test_too_many_bad_rows_stop_the_build_with_counts(stopped: Run) -> None:
    assert not stopped.success
    assert "Too many bad rows. 2 of 3 rows of balances rejected: 1 malformed address" in stopped.log
    assert "2 of 3 rows of blocks rejected: 2 unparsable block number" in stopped.log
    assert "17 of 47 rows of transactions rejected: " in stopped.log
    assert "3 of 4 rows of token_transfers rejected: " in stopped.log
    assert "2 negative value (for example transaction_hash=" in stopped.log
    assert "raise the var max_rejected_share (now 0.01)" in stopped.log
    assert "rejected_chain_rows" in stopped.log


def test_too_many_bad_rows_keep_the_rejects_and_block_the_marts(stopped: Run) -> None:
    assert stopped.statuses["int_events__chain_intake"] == "error"
    for mart in ("addresses", "address_features"):
        assert stopped.statuses[mart] == "skipped"
    rejects = stopped.query(
        "select row_key, rejection_reason, number_of_rows from marts.rejected_chain_rows"
        " where table_name = 'transactions' order by 1, 2"
    )
    assert rejects == sorted(
        (columns.get("hash", transaction_hash(number)), reason, 2 if number == 1 else 1)
        for number, (columns, reason) in BAD_TRANSACTIONS.items()
    )
    assert stopped.query(
        "select table_name, row_key, rejection_reason from marts.rejected_chain_rows"
        " where table_name <> 'transactions' order by all"
    ) == [
        ("balances", account(2), "negative value"),
        ("balances", "0x1", "malformed address"),
        ("blocks", "12.7", "unparsable block number"),
        ("blocks", "x", "unparsable block number"),
        ("contracts", "vitalik.eth", "malformed address"),
        ("token_transfers", transaction_hash(100), "negative value"),
        ("token_transfers", transaction_hash(100), "unparsable value"),
        ("token_transfers", transaction_hash(100), "unparsable value"),
        ("tokens", "", "malformed address"),
    ]


def test_under_the_allowed_share_the_build_goes_on_without_the_bad_rows(
    dbt: DbtProject, bad_chain: Path, stopped: Run
) -> None:
    run = dbt.run(
        bad_chain.parent,
        chain=bad_chain,
        select=CHECKED,
        max_rejected_share=1,
    )
    assert run.success, run.errors
    assert "17 of 47 rows of transactions rejected: " in run.log
    assert run.query("select sum(tx_count) from marts.address_features") == [(60,)]
    # The good transactions' two sides, a token and its two holders.
    assert run.query("select count(*) from marts.addresses") == [(63,)]


def test_of_conflicting_duplicates_the_latest_block_and_lowest_index_hold(
    dbt: DbtProject, tmp_path: Path
) -> None:
    versions = [(7, 0, "1"), (9, 5, "2"), (9, 3, "3"), (8, 1, "4"), ("", "", "5")]
    write(
        tmp_path / "chain/transactions.csv",
        [
            transaction(1, block_number=block, transaction_index=index, value=value)
            for block, index, value in [*versions, versions[2]]
        ]
        + [transaction(2, block_number=1, transaction_index=0, value="6")] * 2,
    )
    # One file says the contrary, and one takes a created contract for the recipient.
    known = {"receipt_status": 1, "receipt_gas_used": 5}
    write(
        tmp_path / "more/transactions/a.csv",
        [transaction(3, **known), transaction(4, **known), transaction(5, **known)],
    )
    write(
        tmp_path / "more/transactions/b.csv",
        [
            transaction(3, **known | {"receipt_status": 0}),
            transaction(4, **known, to_address=""),
            transaction(5, **known),
        ],
    )
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        select="+int_events__transactions +int_events__transaction_hashes",
    )
    assert run.success, run.errors
    assert run.query(
        "select transaction_hash, value_wei, block_number, transaction_index"
        " from intermediate.int_events__transactions"
        " join intermediate.int_events__transaction_hashes using (transaction_key) order by 1"
    ) == [(transaction_hash(1), 3, 9, 3), (transaction_hash(2), 6, 1, 0)]
    said = "Transactions with copies that differ in sender, recipient, amount or status:"
    assert f"{said} 1, for example in transactions.csv. One copy counts." in run.log
    select = "+int_events__repeated_transactions"
    run = dbt.run(tmp_path / "other", chain=tmp_path / "more", select=select)
    files = "transactions/a.csv and transactions/b.csv"
    assert f"{said} 2, for example in {files}. One copy counts." in run.log


def test_bad_labels_are_rejected_with_a_reason(dbt: DbtProject, tmp_path: Path) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    label = {
        "category": "phishing",
        "source": "a_list",
        "reported_at": "2018-01-01",
        "usage": "",
        "valid_to": "",
    }
    bad = [
        ({"address": "0x12"}, "malformed address"),
        ({"category": ""}, "missing category"),
        ({"category": "Nice Person"}, "unknown category, add it to seeds/label_categories.csv"),
        ({"source": ""}, "missing source"),
        ({"usage": "test"}, "unknown usage, expected training or external"),
        ({"valid_to": "later"}, "unparsable valid_to"),
        ({"reported_at": "long ago"}, "unparsable timestamp"),
        ({"reported_at": FUTURE}, "future timestamp"),
    ]
    labels = write(
        tmp_path / "labels.csv",
        [{"address": account(1)} | label]
        + [{"address": account(10 + n)} | label | columns for n, (columns, _) in enumerate(bad)],
    )
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        labels=labels,
        select="+address_labels rejected_labels",
    )
    assert not run.success
    assert run.statuses["address_labels"] == "skipped"
    assert "Too many bad rows. 8 of 9 rows of labels rejected" in run.log
    assert run.query(
        "select row_key, rejection_reason from marts.rejected_labels order by 1"
    ) == sorted(
        (columns.get("address", account(10 + number)), reason)
        for number, (columns, reason) in enumerate(bad)
    )


def test_a_daily_run_on_a_fresh_database_says_to_train_first(
    dbt: DbtProject, tmp_path: Path
) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    run = dbt.run(
        tmp_path,
        chain=tmp_path / "chain",
        options=["--exclude", "tag:train"],
    )
    assert not run.success
    assert run.statuses == {}
    [error] = run.errors
    assert "Train first: " in error
    assert "scam_models" in error
    assert "Run `make build`" in error


def test_models_without_their_seeds_say_to_load_them_first(dbt: DbtProject, tmp_path: Path) -> None:
    """As after `dbt run` in a fresh clone."""
    run = dbt.run(tmp_path, select="base_chain__blocks base_chain__tokens")
    assert not run.success
    assert run.statuses == {}
    [error] = run.errors
    assert "Load the seeds first: sample_blocks, sample_tokens do not exist" in error
    assert "`dbt build`, which load them, or `dbt seed` once" in error
    assert dbt.run(tmp_path, select="sample_blocks").success
    assert dbt.run(tmp_path, select="base_chain__blocks").success


def test_a_profile_that_does_not_load_the_reader_is_told_what_to_copy(
    dbt: DbtProject, tmp_path: Path
) -> None:
    dbt.parsed(is_sample=False)
    project = DbtProject(tmp_path)
    project.manifests = dbt.manifests
    profiles = yaml.safe_load((tmp_path / "profiles.yml").read_text())
    del profiles["ethereum_address_intelligence"]["outputs"]["duckdb"]["plugins"]
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    run = project.run(tmp_path, chain=tmp_path / "chain", select="+stg_chain__blocks")
    assert not run.success
    assert "Copy the entries `module_paths` and `plugins` of the output duckdb from" in run.log


@pytest.mark.parametrize("run_id", ["mistyped", "unable"])
def test_a_daily_run_stops_where_champion_run_id_names_no_run_that_can_score(
    dbt: DbtProject, tmp_path: Path, run_id: str
) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(1)])
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.scam_models as"
            " select run_id, fit_name, 'xgboost' as model_name, 'all' as feature_set,"
            " now() as trained_at"
            " from (values ('able', 'lifetime'), ('unable', 'past')) as models(run_id, fit_name)"
        )

    def daily(champion_run_id: str, select: str) -> Run:
        return dbt.run(
            tmp_path,
            chain=tmp_path / "chain",
            select=select,
            champion_run_id=champion_run_id,
        )

    stopped = daily(run_id, "int_scam_serving__champion")
    assert not stopped.success
    assert stopped.statuses == {}
    [error] = stopped.errors
    assert f"champion_run_id is {run_id}, which is not a run that can score" in error
    assert "Runs that can, the newest first: able." in error
    assert not any(
        "champion_run_id" in text for text in daily("able", "int_scam_serving__champion").errors
    )
    # What names no champion may be built.
    assert daily(run_id, "label_categories").success
