"""Which columns and partitions a statement is found to read, and what that comes to."""

from collections import Counter
from datetime import date
from types import SimpleNamespace

import duckdb
import pytest
from cost_report import cost_report

from maintenance.bigquery_cost.builds import Step
from maintenance.bigquery_cost.conditions import ANY, Range, Values, both, either
from maintenance.bigquery_cost.pricing import Pricing
from maintenance.bigquery_cost.resolved import Catalog
from maintenance.bigquery_cost.scans import Database, Read
from maintenance.bigquery_cost.volumes import Assumptions, Chain, Partitions, day_number
from maintenance.bigquery_sql.zetasql_engine import Table
from support import PROJECT_DIRECTORY

EVENTS = {"day": "DATE", "moment": "TIMESTAMP", "a": "INT64", "b": "STRING", "c": "BIGNUMERIC"}
PEOPLE = {"a": "INT64", "name": "STRING"}
VIEW = "create view `p`.`d`.`recent` as select a, b, day, 'x' as kind from `p`.`d`.`events`"
COLUMNS = {
    "events": EVENTS,
    "people": PEOPLE,
    "recent": {"a": "INT64", "b": "STRING", "day": "DATE", "kind": "STRING"},
}

JANUARY = (Range(day_number(date(2024, 1, 1)), day_number(date(2024, 2, 1))),)
FROM_JANUARY = (Range(start=day_number(date(2024, 1, 1))),)


@pytest.fixture(scope="module")
def database() -> Database:
    tables = (Table(("p", "d", name), tuple(columns.items())) for name, columns in COLUMNS.items())
    return Database(Catalog(tuple(tables)), {"recent": VIEW}, {"events": "day"})


def read(table: str, columns: str, partitions: Values = ANY) -> Read:
    return Read(table, frozenset(columns.split()), partitions)


READS = {
    "the columns of a select": ("select a, b from `p`.`d`.`events`", [read("events", "a b")]),
    "not those a star brings along": (
        "with every as (select * from `p`.`d`.`events`) select a from every",
        [read("events", "a")],
    ),
    "what a condition needs": (
        "select a from (select * from `p`.`d`.`events`) where b = 'x'",
        [read("events", "a b")],
    ),
    "what a join needs, of both sides": (
        "select people.name from `p`.`d`.`events` as e left join `p`.`d`.`people` as people"
        " on e.a = people.a",
        [read("events", "a"), read("people", "a name")],
    ),
    "what an aggregate that is used needs": (
        "with sums as (select b, sum(a) as s, max(c) as m from `p`.`d`.`events` group by b)"
        " select m from sums",
        [read("events", "b c")],
    ),
    "what a window function that is used needs": (
        "with numbered as (select a, row_number() over (partition by b order by moment) as n,"
        " sum(c) over (partition by day) as s from `p`.`d`.`events`)"
        " select a from numbered where n = 1",
        [read("events", "a b moment")],
    ),
    "columns of a union by their position": (
        "select x from (select a as x, b as y from `p`.`d`.`events`"
        " union all select a, name from `p`.`d`.`people`)",
        [read("events", "a"), read("people", "a")],
    ),
    "every column of a distinct union": (
        "select x from (select a as x, b as y from `p`.`d`.`events`"
        " union distinct select a, name from `p`.`d`.`people`)",
        [read("events", "a b"), read("people", "a name")],
    ),
    "columns that become rows, and what is kept beside them": (
        "select name, value, day from (select a, cast(c as int64) as c, day, b from"
        " `p`.`d`.`events`) unpivot (value for name in (a, c)) where day >= date '2024-01-01'",
        [read("events", "a c day", FROM_JANUARY)],
    ),
    "no column for the names of rows alone": (
        "select label from `p`.`d`.`people` unpivot include nulls (value for label in (a))",
        [read("people", "")],
    ),
    "what an array beside the rows needs": (
        "select a, n from `p`.`d`.`events` cross join unnest(generate_array(1, c)) as n",
        [read("events", "a c")],
    ),
    "no table for an array alone": ("select n from unnest([1, 2]) as n", []),
    "what a subquery compares with": (
        "select 1 from `p`.`d`.`people` where a not in (select a from `p`.`d`.`events`)",
        [read("people", "a"), read("events", "a")],
    ),
    "what a correlated subquery needs": (
        "select name from `p`.`d`.`people` as person"
        " where exists (select e.b from `p`.`d`.`events` as e where e.a = person.a)",
        [read("people", "a name"), read("events", "a")],
    ),
    "nothing for a count of rows": (
        "select count(*) from `p`.`d`.`events`",
        [read("events", "")],
    ),
    "nothing where no row can pass": ("select a from `p`.`d`.`events` where false and a > 1", []),
    "a view as its query": (
        "select a, kind from `p`.`d`.`recent`",
        [read("events", "a")],
    ),
    "a table once for every mention": (
        "with e as (select * from `p`.`d`.`events`) select e.a, f.b from e, e as f",
        [read("events", "a"), read("events", "b")],
    ),
    "the source of an insert": (
        "insert into `p`.`d`.`people` (a, name) select a, name from"
        " (select a, b, cast(b as string) as name from `p`.`d`.`events`)",
        [read("events", "a b")],
    ),
    "nothing to insert values": (
        "insert into `p`.`d`.`people` (a, name) select 1, 'x' union all select 2, 'y'",
        [],
    ),
    "the source of a merge that only inserts": (
        "merge into `p`.`d`.`people` as t using (select a, b from `p`.`d`.`events`) as s on (false)"
        " when not matched then insert (a, name) values (a, b)",
        [read("events", "a b")],
    ),
    "the whole table that a merge updates": (
        "merge into `p`.`d`.`events` as t using (select a, name from `p`.`d`.`people`) as s"
        " on t.a = s.a when matched then update set b = s.name",
        [read("people", "a name"), read("events", "day moment a b c")],
    ),
    "nothing to delete whole partitions": (
        "delete from `p`.`d`.`events` where day >= date '2024-01-01'",
        [],
    ),
    "the whole table to delete rows": (
        "delete from `p`.`d`.`events` where day >= date '2024-01-01' and a > 1",
        [read("events", "day moment a b c")],
    ),
    "nothing to make a view": (VIEW, []),
}


@pytest.mark.parametrize("what", READS)
def test_a_statement_reads(what: str, database: Database):
    sql, expected = READS[what]
    assert Counter(database.reads(sql)) == Counter(expected)


PARTITIONS = {
    "between days": (
        "select a from `p`.`d`.`events`"
        " where day >= cast('2024-01-01' as date) and day < date '2024-02-01'",
        JANUARY,
    ),
    "between, both included": (
        "select a from `p`.`d`.`events` where day between date '2024-01-01' and date '2024-01-31'",
        JANUARY,
    ),
    "the constant first": (
        "select a from `p`.`d`.`events` where date '2023-12-31' < day",
        FROM_JANUARY,
    ),
    "through a star, a join and a group": (
        "with e as (select e.* from `p`.`d`.`events` as e left join `p`.`d`.`people` as p"
        " on e.a = p.a), days as (select day, count(*) as n from e group by day)"
        " select n from days where day >= date '2024-01-01'",
        FROM_JANUARY,
    ),
    "through a view and a union": (
        "select a from (select a, day from `p`.`d`.`recent` union all"
        " select a, cast(null as date) from `p`.`d`.`people`) where day >= date '2024-01-01'",
        FROM_JANUARY,
    ),
    "either of two": (
        "select a from `p`.`d`.`events`"
        " where day >= date '2024-01-01' or day in (date '1970-01-01')",
        (Range(0, 1), *FROM_JANUARY),
    ),
    "not through a function": (
        "select a from `p`.`d`.`events` where date_trunc(day, month) = date '2024-01-01'",
        ANY,
    ),
    "not by something computed": (
        "select a from `p`.`d`.`events` where day >= current_date()",
        ANY,
    ),
    "not if only one side of an or has it": (
        "select a from `p`.`d`.`events` where day >= date '2024-01-01' or a = 1",
        ANY,
    ),
    "not if rows of other days count in a window": (
        "select n from (select day, sum(a) over (order by moment) as n from `p`.`d`.`events`)"
        " where day >= date '2024-01-01'",
        ANY,
    ),
    "not behind a limit": (
        "select a from (select * from `p`.`d`.`events` limit 5) where day >= date '2024-01-01'",
        ANY,
    ),
}


@pytest.mark.parametrize("how", PARTITIONS)
def test_partitions_are_ruled_out(how: str, database: Database):
    sql, expected = PARTITIONS[how]
    assert {each.partitions for each in database.reads(sql) if each.table == "events"} == {expected}


@pytest.mark.parametrize(
    ("condition", "start", "end"),
    [
        ("moment >= timestamp '2024-01-01 12:00:00' and moment < timestamp '2024-01-02'", 0, 1),
        ("moment >= timestamp '2024-01-01' and moment < timestamp '2024-01-02 12:00:00'", 0, 2),
        ("moment >= timestamp '2024-01-01' and moment < timestamp '2024-01-02'", 0, 1),
        ("moment > timestamp '2024-01-01' and moment <= timestamp '2024-01-02'", 0, 2),
    ],
)
def test_a_time_reads_the_day_it_lies_in(condition: str, start: int, end: int, database: Database):
    by_time = Database(database.catalog, {}, {"events": "moment"})
    (found,) = by_time.reads(f"select a from `p`.`d`.`events` where {condition}")
    first = JANUARY[0].start
    assert found.partitions == (Range(first + start, first + end),)


def test_what_is_not_known_is_refused(database: Database):
    with pytest.raises(NotImplementedError, match="SampleScan"):
        database.reads("select name from `p`.`d`.`people` tablesample system (1 percent)")
    with pytest.raises(NotImplementedError, match="TruncateStmt"):
        database.reads("truncate table `p`.`d`.`people`")


def test_ranges_meet_and_join():
    first, second = (Range(0, 5), Range(8, 9)), (Range(3, 8.0),)
    assert both(first, second) == (Range(3, 5),)
    assert either(first, second) == (Range(0, 9),)
    assert both(first, ()) == ()


# Ten days of 2024-01 with 100 events a day; texts of 4 bytes, a quarter of them NULL.
SMALL = Assumptions(
    prices={"tib_read": 6.25},
    least_bytes=1000,
    run_day=date(2024, 1, 11),
    variables={},
    evidence_days=0,
    new_alerts=0,
    rows_before={"transactions": {date(2024, 1, 1): 0, date(2024, 1, 11): 1000}},
    quantities={"senders": "transactions / 4"},
    quantities_of_first_build={},
    tables={"events": "transactions", "people": "2 * senders", "scores": "transactions"},
    read_groups={"scores": "senders / 10"},
    small_tables=[],
    rows_of_a_small_table=0,
    text_bytes={"b": 4, "people.name": 10},
    other_text_bytes=0,
    null_shares={"events.b": 0.25},
)


def bytes_read(database: Database, sql: str) -> dict[str, float]:
    partitions = {"events": Partitions("day")}
    chain = Chain(SMALL, partitions, SMALL.run_day)
    step = Step("a step", [(None, sql)], database, chain, lambda _: chain)
    return {read.table: read.bytes for read in Pricing(SMALL, COLUMNS).read_by(step)}


def test_a_price_computed_by_hand(database: Database):
    sql = (
        "with e as (select * from `p`.`d`.`events` where day >= date '2024-01-04')"
        " select e.b, e.c, p.name from e inner join `p`.`d`.`people` as p on e.a = p.a"
    )
    # Seven of ten days: 700 events × (DATE 8 + INT64 8 + BIGNUMERIC 32 + 3/4 × (2 + 4)), and
    # 2 × 1000/4 people × (INT64 8 + 2 + 10).
    assert bytes_read(database, sql) == {
        "events": pytest.approx(700 * (8 + 8 + 32 + 4.5)),
        "people": pytest.approx(500 * (8 + 12)),
    }


def test_a_column_counts_once_a_statement(database: Database):
    sql = (
        "select a, c from `p`.`d`.`events` where day >= date '2024-01-09' union all"
        " select a, 0 from `p`.`d`.`events` where day >= date '2024-01-06'"
    )
    # c of two days, a and day of five.
    assert bytes_read(database, sql) == {"events": pytest.approx(200 * 32 + 500 * 16)}


def test_a_table_costs_ten_megabytes_at_least_unless_no_column_is_read(database: Database):
    tiny = "select name from `p`.`d`.`people` where a in (select a from `p`.`d`.`events`"
    assert bytes_read(database, f"{tiny} where day = date '2024-01-10')")["events"] == (
        pytest.approx(100 * 16)
    )
    assert bytes_read(database, f"{tiny} where day = date '2024-02-10')")["events"] == 1000
    assert bytes_read(database, "select count(*) from `p`.`d`.`people`") == {}


def test_a_read_group_has_its_own_rows():
    chain = Chain(SMALL, {}, SMALL.run_day)
    assert chain.rows("scores", (Range(1, 2),)) == pytest.approx(25)
    assert chain.rows("scores", (Range(0, 1),)) == pytest.approx(975)
    assert chain.rows("scores") == pytest.approx(1000)


def test_the_sample_has_the_bytes_that_duckdb_counts():
    """Sizes measured on the simulated seeds, against their logical bytes summed row by row."""
    builds = cost_report().builds
    columns = builds.columns["transactions"]
    with duckdb.connect() as connection:
        seed = PROJECT_DIRECTORY / "seeds" / "sample" / "sample_transactions.csv"
        connection.execute(
            "create table t as select * from read_csv($1, all_varchar=true)", [str(seed)]
        )
        texts = [name for name, kind in columns.items() if kind == "STRING"]
        rows = connection.sql("select count(*) from t").fetchone()[0]

        def measure(expression: str) -> float:
            return connection.sql(f"select {expression} from t").fetchone()[0] or 0

        measured = SimpleNamespace(
            text_bytes={name: measure(f"avg(strlen({name}))") for name in texts},
            null_shares={
                f"transactions.{name}": 1 - measure(f"count({name})") / rows for name in columns
            },
        )
        # int_events__transaction_hashes reads the hash and, for the day, the time;
        # int_addresses__keys the three address columns, and the time that bounds the load.
        addresses = ["from_address", "to_address", "receipt_contract_address"]
        expected = {
            "int_events__transaction_hashes": measure(
                "sum(2 + strlen(hash)) + 8 * count(block_timestamp)"
            ),
            "int_addresses__keys": measure(
                " + ".join(f"coalesce(sum(2 + strlen({name})), 0)" for name in addresses)
                + " + 8 * count(block_timestamp)"
            ),
        }
    (daily,) = builds.daily()
    assumptions = Assumptions(
        **{
            **vars(builds.assumptions),
            **vars(measured),
            "least_bytes": 0,
            # The whole sample in the days of one run.
            "rows_before": {
                name: {date(2026, 11, 17): 0, builds.assumptions.run_day: rows}
                for name in builds.assumptions.rows_before
            },
        }
    )
    chain = Chain(assumptions, builds.partitions, assumptions.run_day, assumptions.run_day)
    statements = [(node, sql) for node, sql in daily.statements if node and node.name in expected]
    step = Step("daily run", statements, daily.database, chain, lambda _: chain)
    found = {
        read.node.name: read.bytes
        for read in Pricing(assumptions, builds.columns).read_by(step)
        if read.table == "transactions"
    }
    assert found == pytest.approx(expected, rel=1e-12)
