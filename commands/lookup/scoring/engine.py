"""Features, score, reasons and profile of addresses, computed as a build does."""

import importlib.util
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa

from commands import PROJECT_DIRECTORY
from commands.lookup.copies import Copy

SCOPES = Path(__file__).parent / "scopes"

# Read for the addresses that are asked about instead of whole.
SCOPED = (
    "int_events__transaction_events",
    "int_events__token_transfers",
    "stg_chain__balances",
    "int_addresses__keys",
    "int_addresses__contracts",
    "int_features__windows",
    "int_features__window_extents",
)
EDGES = "int_features__edge_parts"
DEGREES = "int_features__window_degrees"
INPUTS = "int_features__window_addresses"
TOKENS = "int_addresses__token_activity"

Row = dict[str, Any]

_EMPTY_TABLES = """
create temp table subjects (address varchar, address_key ubigint);
create temp table added_addresses (address varchar, address_key ubigint);
create temp table added_contracts (address_key ubigint);
create temp table added_balances as from copy.scoring.stg_chain__balances limit 0;
create temp table added_token_transfers as from copy.scoring.int_events__token_transfers limit 0;
create temp table added_events as
select transaction_hash, * exclude (transaction_hash, address, counterparty, event_bucket)
from copy.lookup.events limit 0;
"""

_FORGET_TOKEN_KEYS = """
delete from temp.main.int_addresses__keys
where
    address_key not in (select address_key from temp.main.subjects)
    and address_key not in (select address_key from temp.main.added_addresses)
"""

_EXPLANATION_INPUTS = """
select inputs.*
from temp.main.int_scam_serving__inputs as inputs
inner join temp.main.int_scam_serving__scores as scores
    on inputs.address = scores.address
where scores.state = 'scored'
"""


@dataclass
class Given:
    """What a request adds to the copy, typed as the tables it goes to."""

    # Rows with transaction_hash, from_address, to_address, value_wei, …: see `given.py`.
    transactions: list[Row] = field(default_factory=list)
    token_transfers: list[Row] | None = None
    balance_wei: int | None = None


@dataclass(frozen=True)
class Step:
    """A model as it is computed for a request."""

    name: str
    sql: str
    parents: frozenset[str]


class Scorer:
    """Computes on one serving copy."""

    def __init__(self, copy: Copy) -> None:
        """Read the steps of the copy."""
        self._python = {
            "scam_raw_scores": self._score,
            "scam_explanations": self._explain,
            "investor_profile_assignments": self._assign,
        }
        # Their libraries take seconds to load, which no query should be charged with.
        for name in self._python:
            python_model(name)
        rows = (
            copy.connection()
            .execute("select name, sql, parents from scoring.steps order by position")
            .fetchall()
        )
        names = {name for name, _, _ in rows}
        made = names | set(SCOPED) | {DEGREES, *self._python}
        self._steps = [
            Step(name, _placed(sql, made), frozenset(json.loads(parents)))
            for name, sql, parents in rows
        ]
        # Read once: the copy never changes.
        self._models: dict[str, Any] = {}
        self._lock = threading.Lock()

    def answers(
        self, copy: Copy, addresses: list[str], given: Given | None = None, features: bool = False
    ) -> dict[str, Row]:
        """Return a row like one of lookup.addresses for each address that has data.

        With `features` a row has these too, under the name features. Raises Problem.
        """
        with copy.scratch() as connection:
            connection.execute(_EMPTY_TABLES)
            connection.executemany(
                "insert into subjects values ($1, hash($1))", [[address] for address in addresses]
            )
            if given is not None:
                _add(connection, addresses, given)
            self._compute(connection, given)
            rows = _dicts(connection, self._scope("answer"))
            found = {row["address"]: row for row in rows}
            if features:
                for row in _dicts(connection, f"select * from temp.main.{INPUTS}"):
                    if row["address"] in found:
                        found[row["address"]]["features"] = row
            return found

    def _compute(self, connection: duckdb.DuckDBPyConnection, given: Given | None) -> None:
        for name in SCOPED:
            _create(connection, name, self._scope(name))
        done: set[str] = set()
        for step in self._steps:
            for name, compute in self._python.items():
                if name in step.parents - done:
                    compute(connection)
                    done.add(name)
            _create(connection, step.name, step.sql)
            if step.name == TOKENS:
                # No other step asks for tokens, and each would carry them along.
                connection.execute(_FORGET_TOKEN_KEYS)
            if step.name == EDGES:
                connection.execute(
                    f"insert into temp.main.{EDGES} by name {self._scope('other_edges')}"
                )
                _create(connection, DEGREES, self._scope(DEGREES))
            if step.name == INPUTS and given is not None and given.token_transfers is None:
                _forget_tokens(connection)

    def _score(self, connection: duckdb.DuckDBPyConnection) -> None:
        module = python_model("scam_raw_scores")
        champion = self._champion(connection)
        if champion is None:
            scores = module.typed([], module.COLUMNS)
        else:
            fitted, training_end = champion
            inputs = connection.execute("from temp.main.int_scam_serving__inputs").df()
            scores = module.score_batches(fitted, inputs, datetime.now(UTC), training_end)
        _keep(connection, "scam_raw_scores", scores)

    def _explain(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Explain each scored address, also of tier low, which a build leaves out."""
        module = python_model("scam_explanations")
        champion = self._champion(connection)
        if champion is None:
            explanations = module.typed([], module.COLUMNS)
        else:
            fitted, training_end = champion
            inputs = connection.execute(_EXPLANATION_INPUTS).df()
            explanations = module.explain(fitted, inputs, datetime.now(UTC), training_end)
        _keep(connection, "scam_explanations", explanations)

    def _champion(self, connection: duckdb.DuckDBPyConnection) -> tuple[Any, Any] | None:
        """Return the model that scores and the end of its training window, None without one."""
        with self._lock:
            if "champion" not in self._models:
                champion = connection.execute("from copy.scoring.int_scam_serving__champion").df()
                self._models["champion"] = None
                if not champion.empty:
                    row = champion.iloc[0]
                    fitted = python_model("scam_raw_scores").load_model(row)
                    self._models["champion"] = fitted, row["window_end"]
            return self._models["champion"]

    def _profile_model(self, connection: duckdb.DuckDBPyConnection) -> Any:
        """Return the model that assigns profiles, None without one."""
        with self._lock:
            if "profiles" not in self._models:
                models = connection.execute(
                    "from copy.scoring.investor_profile_models where is_selected"
                ).df()
                self._models["profiles"] = python_model("investor_profile_assignments").newest(
                    models
                )
            return self._models["profiles"]

    def _assign(self, connection: duckdb.DuckDBPyConnection) -> None:
        module = python_model("investor_profile_assignments")
        selected = self._profile_model(connection)
        if selected is None:
            assigned = module.typed([], module.COLUMNS)
        else:
            eligible = connection.execute(
                "from temp.main.int_investor_profiles__features where is_eligible"
            ).df()
            assigned = module.assign_batches(eligible, selected, datetime.now(UTC))
        _keep(connection, "investor_profile_assignments", assigned)

    def _scope(self, name: str) -> str:
        text = _scope_text(name)
        return text.replace("request.", "temp.main.")


@cache
def python_model(name: str) -> ModuleType:
    """Return a Python model of the project, which is one file complete in itself."""
    path = PROJECT_DIRECTORY / "python_models" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"lookup_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _scope_text(name: str) -> str:
    return (SCOPES / f"{name}.sql").read_text(encoding="utf-8")


def _placed(sql: str, made: set[str]) -> str:
    """Return the SQL of a step with its relations where they are: made now, or in the copy."""
    return re.sub(
        r"\brequest\.(\w+)",
        lambda match: ("temp.main." if match[1] in made else "copy.scoring.") + match[1],
        sql,
    )


def _create(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    connection.execute(f"create temp table {name} as {sql}")


def _keep(connection: duckdb.DuckDBPyConnection, name: str, frame: Any) -> None:
    connection.register("kept_frame", frame)
    connection.execute(
        f"create temp table {name} as from copy.scoring.{name} limit 0;"
        f" insert into temp.main.{name} by name select * from kept_frame"
    )
    connection.unregister("kept_frame")


def _dicts(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _forget_tokens(connection: duckdb.DuckDBPyConnection) -> None:
    """Without token transfers in the request nothing is known of those of a new address."""
    names = connection.execute(
        "select feature_name from copy.lookup.feature_medians where computed_by = 'address_tokens'"
    ).fetchall()
    if not names:
        return
    changes = ", ".join(f"{name} = null" for (name,) in names)
    connection.execute(
        f"update temp.main.{INPUTS} set {changes} where address in"
        " (select address from temp.main.subjects)"
        " and address not in (select address from copy.lookup.addresses"
        " where address in (select address from temp.main.subjects))"
    )


_EVENTS = pa.schema(
    [
        *((name, pa.string()) for name in ("transaction_hash", "own", "other", "value", "fee")),
        *((name, pa.int64()) for name in ("gas_limit", "gas_price", "block_number", "place")),
        *((name, pa.bool_()) for name in ("is_outgoing", "is_creation", "is_failed")),
        ("time", pa.timestamp("us")),
    ]
)

_TOKENS = pa.schema(
    [
        *((name, pa.string()) for name in ("hash", "token", "sender", "recipient", "value")),
        ("log_index", pa.int64()),
        ("time", pa.timestamp("us")),
    ]
)

_ADD_EVENTS = """
insert into added_events by name
select
    transaction_hash,
    hash(transaction_hash) as transaction_key,
    hash(own) as address_key,
    case when other is not null then hash(other) end as counterparty_key,
    cast(value as hugeint) as value_wei,
    cast(fee as hugeint) as fee_wei,
    gas_limit,
    gas_price as gas_price_wei,
    block_number,
    place as transaction_index,
    is_outgoing,
    is_creation as is_contract_creation,
    is_failed,
    time as block_timestamp,
    cast(time as date) as block_date
from given_rows
"""

_ADD_TOKENS = """
insert into added_token_transfers by name
select
    hash(hash) as transaction_key,
    hash(token) as token_address_key,
    hash(sender) as from_address_key,
    hash(recipient) as to_address_key,
    try_cast(value as hugeint) as value_number,
    log_index,
    time as block_timestamp,
    cast(time as date) as block_date
from given_rows
"""


def _add(connection: duckdb.DuckDBPyConnection, addresses: list[str], given: Given) -> None:
    [address] = addresses
    mentioned = {address}
    events = []
    for row in given.transactions:
        sender, recipient = row["from_address"], row["to_address"]
        mentioned |= {sender, recipient}
        for is_outgoing, own, other in ((True, sender, recipient), (False, recipient, sender)):
            if own != address:
                continue
            fee = row["fee_wei"] if is_outgoing else None
            events.append(
                {
                    "transaction_hash": row["transaction_hash"],
                    "own": own,
                    "other": other,
                    "value": str(row["value_wei"]),
                    "fee": None if fee is None else str(fee),
                    "gas_limit": row["gas_limit"],
                    "gas_price": row["gas_price_wei"],
                    "block_number": row["block_number"],
                    "place": row["transaction_index"],
                    "is_outgoing": is_outgoing,
                    "is_creation": recipient is None,
                    "is_failed": row["is_failed"],
                    "time": row["block_timestamp"],
                }
            )
    _insert(connection, _ADD_EVENTS, pa.Table.from_pylist(events, _EVENTS))
    if given.balance_wei is not None:
        connection.execute(
            "insert into added_balances (address, balance_wei) values (?, cast(? as hugeint))",
            [address, str(given.balance_wei)],
        )
    tokens = []
    for row in given.token_transfers or []:
        mentioned |= {row["token_address"], row["from_address"], row["to_address"]}
        tokens.append(
            {
                "hash": row["transaction_hash"],
                "token": row["token_address"],
                "sender": row["from_address"],
                "recipient": row["to_address"],
                "value": row["value"],
                "log_index": row["log_index"],
                "time": row["block_timestamp"],
            }
        )
    _insert(connection, _ADD_TOKENS, pa.Table.from_pylist(tokens, _TOKENS))
    # A node names the address of a creation that failed, too.
    created = {row["contract_address"] for row in given.transactions if not row["is_failed"]}
    _insert(
        connection,
        "insert into added_contracts select hash(address) from given_rows",
        _names(created),
    )
    _insert(
        connection,
        "insert into added_addresses select address, hash(address) from given_rows",
        _names(mentioned),
    )


def _names(addresses: set[str | None]) -> pa.Table:
    return pa.table({"address": pa.array(sorted(addresses - {None}), pa.string())})


def _insert(connection: duckdb.DuckDBPyConnection, sql: str, rows: pa.Table) -> None:
    if rows.num_rows:
        connection.register("given_rows", rows)
        connection.execute(sql)
        connection.unregister("given_rows")
