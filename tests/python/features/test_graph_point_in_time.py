"""The graph knows only what was known when its window ended, and stands inputs of any size.

The compiled models run in DuckDB on tables that each test writes.
"""

from collections.abc import Callable, Iterator

import duckdb
import pandas as pd
import pytest

from maintenance.compiled_project import DATABASE_NAME, CompiledProject, build, create_schema
from support.dbt_project import DbtProject

MART = "address_graph_features"
END = "2020-06-01 00:00:01"
BEFORE, AFTER = "2020-05-01 00:00:00", "2020-06-02 00:00:00"

INPUTS = {
    "int_features__windows": {
        "window_id": "integer",
        "window_name": "varchar",
        "window_start": "timestamp",
        "window_end": "timestamp",
        "is_to_data_end": "boolean",
    },
    "int_features__window_edges": {
        "window_id": "integer",
        "address_key": "bigint",
        "counterparty_key": "bigint",
        "outgoing_count": "bigint",
    },
    "int_addresses__keys": {"address_key": "bigint", "address": "varchar"},
    "int_addresses__labels": {
        "address": "varchar",
        "label_kind": "varchar",
        "reported_at": "timestamp",
        "valid_to": "timestamp",
    },
}

# Two triangles that share one payment, and a pair apart.
PAYMENTS = ["ab", "bc", "ca", "de", "ef", "fd", "cd", "xy"]

Label = tuple[str, str, str | None, str | None]
Graph = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def compiled(dbt: DbtProject) -> CompiledProject:
    return dbt.compiled(f"path:models/intermediate/graph {MART}")


@pytest.fixture
def graph(compiled: CompiledProject) -> Iterator[Graph]:
    """Build the mart from payments (sender, recipient), labels, and payments of other windows."""
    connection = duckdb.connect()
    connection.execute(f"attach ':memory:' as {DATABASE_NAME}; set TimeZone = 'UTC'")

    def made(
        payments: list[str], labels: list[Label] = (), elsewhere: list[str] = ()
    ) -> pd.DataFrame:
        names = sorted(set("".join([*payments, *elsewhere])))
        keys = {name: number for number, name in enumerate(names, start=1)}
        windows = [
            (1, "future", BEFORE, END, True),
            (2, "lifetime", "2015-07-30", END, True),
            (3, "past", "2015-07-30", BEFORE, False),
        ]
        rows = {
            "int_features__windows": windows if payments or elsewhere else [],
            "int_features__window_edges": [
                *edges(2, payments, keys),
                *edges(1, elsewhere, keys),
                *edges(3, elsewhere, keys),
            ],
            "int_addresses__keys": [(key, name) for name, key in keys.items()],
            "int_addresses__labels": labels,
        }
        for model, types in INPUTS.items():
            create_schema(connection, compiled.nodes[model])
            relation = compiled.relation(model)
            columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
            connection.execute(f"create or replace table {relation} ({columns})")
            if rows[model]:
                places = ", ".join("?" * len(types))
                connection.executemany(f"insert into {relation} values ({places})", rows[model])
        build(connection, compiled.lineage([MART], given=INPUTS))
        return (
            connection.sql(f"from {compiled.relation(MART)} order by address")
            .df()
            .set_index("address")
        )

    yield made
    connection.close()


def edges(
    window_id: int, payments: list[str], keys: dict[str, int]
) -> list[tuple[int, int, int, int]]:
    """Edges seen from both sides, as in int_features__window_edges."""
    sent = {(keys[sender], keys[recipient]) for sender, recipient in payments}
    sides = sorted(sent | {(recipient, sender) for sender, recipient in sent})
    return [(window_id, *pair, int(pair in sent)) for pair in sides]


def scam(address: str, reported_at: str | None = None, valid_to: str | None = None) -> Label:
    return (address, "scam", reported_at, valid_to)


@pytest.mark.parametrize(
    "planted",
    [
        scam("a", reported_at=AFTER),
        scam("a", reported_at=BEFORE, valid_to=END),
        ("a", "benign", BEFORE, None),
        ("a", "entity", None, None),
    ],
    ids=["reported later", "taken back before the end", "of a non-scam", "of an entity"],
)
def test_a_label_that_is_not_one_of_a_scam_known_at_the_end_changes_nothing(
    graph: Graph, planted: Label
) -> None:
    known = [scam("d", reported_at=BEFORE)]
    pd.testing.assert_frame_equal(graph(PAYMENTS, [*known, planted]), graph(PAYMENTS, known))


@pytest.mark.parametrize("reported_at", [None, BEFORE, END])
def test_a_scam_known_at_the_end_counts_for_the_others_of_its_community_only(
    graph: Graph, reported_at: str | None
) -> None:
    found = graph(PAYMENTS, [scam("a", reported_at), scam("a", reported_at)])
    community = found[found["community"] == found.loc["a", "community"]]
    assert set("abc") <= set(community.index)
    assert "x" not in community.index
    assert (community["community_scams"] == 1).all()
    assert found.loc["a", "community_scam_share"] == 0
    assert (community.drop("a")["community_scam_share"] == 1 / (len(community) - 1)).all()
    assert found.drop(community.index)["community_scams"].eq(0).all()


def test_transactions_of_other_windows_change_nothing(graph: Graph) -> None:
    labels = [scam("a")]
    planted = graph(PAYMENTS, labels, elsewhere=["ax", "za", "zb", "zd"])
    pd.testing.assert_frame_equal(planted, graph(PAYMENTS, labels))
    assert len(graph([*PAYMENTS, "za"], labels)) == len(planted) + 1


def test_without_labels_no_community_has_a_scam(graph: Graph) -> None:
    found = graph(PAYMENTS)
    assert len(found) == 8
    assert found["page_rank"].sum() == pytest.approx(1)
    assert (found[["community_scams", "community_scam_share"]] == 0).all(axis=None)


@pytest.mark.parametrize("payments", [[], ["aa"]], ids=["no transaction", "only with itself"])
def test_without_a_counterparty_there_is_no_row(graph: Graph, payments: list[str]) -> None:
    found = graph(payments, [scam("a")])
    assert found.empty
    assert list(found.columns) == list(graph(PAYMENTS).columns)


def test_of_two_addresses_the_recipient_has_the_higher_rank(graph: Graph) -> None:
    found = graph(["ab"], [scam("b")])
    assert found["community"].nunique() == 1
    assert found["community_scam_share"].tolist() == [1, 0]
    # Without recipients an address passes its rank to everybody alike, which the scale takes out.
    assert found["page_rank"].tolist() == pytest.approx([1 / 2.85, 1.85 / 2.85])


def test_payments_counted_twice_or_from_the_other_end_give_the_same_rows(graph: Graph) -> None:
    pd.testing.assert_frame_equal(graph(PAYMENTS[::-1] * 2), graph(PAYMENTS))
