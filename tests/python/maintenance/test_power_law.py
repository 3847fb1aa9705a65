"""The large made-up chain: rows that staging accepts, and few addresses that deal much."""

import duckdb
import pytest

from maintenance.benchmark import power_law


@pytest.fixture
def chain(tmp_path, monkeypatch) -> duckdb.DuckDBPyRelation:
    arguments = ["power_law", "--transactions", "20000", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    power_law.main()
    return duckdb.read_parquet(str(tmp_path / "transactions.parquet"))


def test_every_row_is_a_transaction_of_its_own(chain):
    rows = chain.aggregate(
        "count(*), count(distinct hash),"
        " count(*) filter (regexp_full_match(hash, '0x[0-9a-f]{64}')"
        " and regexp_full_match(from_address, '0x[0-9a-f]{40}')"
        " and regexp_full_match(to_address, '0x[0-9a-f]{40}') and value >= 0)"
    ).fetchone()
    assert rows == (20_000, 20_000, 20_000)


def test_a_third_as_many_addresses_as_transactions_and_few_of_them_deal_much(chain):
    sides = chain.project("from_address as address").union(chain.project("to_address"))
    deals = sides.aggregate("address, count(*) as deals").order("deals desc").fetchnumpy()["deals"]
    assert 0.3 < len(deals) / 20_000 < 0.5
    assert deals[: len(deals) // 100].sum() > 0.15 * deals.sum()
