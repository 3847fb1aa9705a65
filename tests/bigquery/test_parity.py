"""Both engines make the same marts of the same sample, row by row and column by column.

The emulator is DuckDB underneath, so this shows that the BigQuery SQL means the same as the DuckDB
SQL where the emulator keeps BigQuery's meaning; no difference of its own is left to tolerate (what
it gets wrong is mended, see emulator_shims.py).
"""

from typing import Any

import pyarrow as pa
import pytest
from dbt_on_emulator import Build, EmulatedProject
from parity import Mart, as_table, compare, marts

from support.dbt_project import Run

# The sample is clean, and nobody reviews it.
EMPTY = {"rejected_chain_rows", "rejected_labels", "alert_reviews"}

# The emulator's translation of the graph's nested steps does not end. ZetaSQL analyses them.
NOT_ON_BIGQUERY = {"address_graph_features"}

# Says how long each build took.
OF_THE_RUN = {"build_runs"}


def test_every_mart_has_the_same_rows_on_duckdb_and_bigquery(
    project: EmulatedProject, sample_build: Build, duckdb_build: Run, report: list[str]
) -> None:
    assert not sample_build.failures(), sample_build.failures()
    comparisons = [
        compare(mart, duckdb_build.table(f"from marts.{mart.name}"), project.mart(mart.name))
        for mart in marts(project.manifest)
        if mart.name not in OF_THE_RUN
    ]
    report += ["", "DuckDB against BigQuery on the emulator", *as_table(comparisons)]

    assert [each.name for each in comparisons] == [
        name for name in duckdb_build.marts() if name not in NOT_ON_BIGQUERY | OF_THE_RUN
    ]
    assert {each.name for each in comparisons if each.rows == 0} == EMPTY
    assert {each.name: each.problems for each in comparisons if each.problems} == {}


ROWS = {"address": ["a", "b"], "n": [1, 2], "x": [0.1, None], "t": [5, 6], "is_b": [False, True]}
TYPES = {
    "address": pa.string(),
    "n": pa.int64(),
    "x": pa.float64(),
    "t": pa.timestamp("us"),
    "is_b": pa.bool_(),
}
MART = Mart("planted", ["address"])


def table(types: dict[str, pa.DataType] = TYPES, **columns: list[Any]) -> pa.Table:
    rows = ROWS | columns
    return pa.table({name: pa.array(rows[name], kind) for name, kind in types.items()})


def test_order_of_rows_and_the_last_bits_of_a_float_may_differ() -> None:
    other = table(x=[0.1 + 1e-16, None]).take([1, 0])
    compared = compare(MART, table(), other)
    assert compared.problems == []
    assert (compared.rows, compared.columns, compared.largest_in) == (2, 5, "x")
    assert 0 < compared.largest_difference < 1e-15


@pytest.mark.parametrize(
    "planted",
    [
        {"address": ["a", "c"]},
        {"address": ["b", "b"]},
        {"n": [1, 3]},
        {"x": [0.1 * (1 + 2e-9), None]},
        {"x": [0.1, 0.0]},
        {"x": [0.1, float("nan")]},
        {"x": [float("inf"), None]},
        {"t": [5, 7]},
        {"is_b": [False, None]},
        {"types": TYPES | {"n": pa.float64()}},
        {"types": TYPES | {"n": pa.string()}, "n": ["1", "2"]},
        {"types": {name: kind for name, kind in TYPES.items() if name != "is_b"}},
    ],
    ids=str,
)
def test_a_planted_difference_is_found(planted: dict[str, Any]) -> None:
    assert compare(MART, table(), table(**planted)).problems != []
    assert compare(MART, table(**planted), table()).problems != []


def test_a_missing_row_is_found() -> None:
    assert compare(MART, table(), table().slice(1)).problems != []
    assert compare(MART, table().slice(1), table()).problems != []


def test_a_float_in_the_key_orders_rows_and_may_differ_in_its_last_bits() -> None:
    mart = Mart("planted", ["is_b", "x"])
    one = table(x=[0.1, 0.2], is_b=[True, True])
    assert compare(mart, one, table(x=[0.1 + 1e-16, 0.2], is_b=[True, True])).problems == []
    assert compare(mart, one, table(x=[0.1, 0.3], is_b=[True, True])).problems != []
