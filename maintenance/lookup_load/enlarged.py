"""A serving copy of as many addresses as you want, made of a small one."""

from pathlib import Path

import duckdb

from commands.publish.copy import ROW_GROUP_SIZE

# Read by the look-up for one address. The tables of the population stay as they are.
MULTIPLIED = (
    *("lookup.addresses", "lookup.events", "lookup.counterparties", "marts.address_features"),
    *("scoring.int_addresses__keys", "scoring.int_events__token_transfers"),
    *("scoring.int_features__window_degrees", "scoring.int_addresses__contracts"),
    *("scoring.int_addresses__labels", "scoring.int_addresses__label_states"),
    *("scoring.int_features__backtest_population", "scoring.stg_chain__balances"),
    *("scoring.stg_chain__contracts", "scoring.int_events__token_transfer_counts"),
)

ADDRESSES = ("address", "counterparty")
KEYS = (
    *("address_key", "counterparty_key", "from_address_key", "to_address_key"),
    "token_address_key",
)
ORDERS = {
    "lookup.events": "address, block_timestamp desc, transaction_hash, is_outgoing",
    "lookup.counterparties": "address, events desc, counterparty",
    "scoring.int_features__window_degrees": "address_key",
}

# The first copy keeps its addresses, so the queue and the labels of scams stay those of the small
# copy.
_NAMES = """
create table names as
select
    *,
    hash(address) as key
from (
    select
        copies.range as number,
        known.address_key as old_key,
        known.address as old_address,
        case
            when copies.range = 0 then known.address
            else '0x' || left(
                md5(known.address || copies.range) || md5(copies.range || known.address), 40
            )
        end as address
    from copy.scoring.int_addresses__keys as known
    cross join range($copies) as copies
) as named
"""


def enlarge(small: Path, path: Path, addresses: int) -> int:
    """Write a copy with at least so many addresses to `path`; returns how many it has.

    Each address is taken several times under other names, with all that it did: copies of
    counterparties deal with copies of each other.
    """
    path.unlink(missing_ok=True)
    with duckdb.connect(config={"temp_directory": str(path.with_suffix(".scratch"))}) as connection:
        connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        connection.execute(f"attach '{small}' as copy (read_only)")
        connection.execute(f"attach '{path}' as large (row_group_size {ROW_GROUP_SIZE})")
        [(known,)] = connection.execute("select count(*) from copy.lookup.addresses").fetchall()
        copies = -(-addresses // known)
        connection.execute(_NAMES, {"copies": copies})
        for schema in ("marts", "lookup", "scoring"):
            connection.execute(f"create schema large.{schema}")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'copy' order by 1"
        ).fetchall()
        for (table,) in tables:
            sql = f"from copy.{table}"
            if table in MULTIPLIED:
                sql = _multiplied(connection, table, copies)
            connection.execute(f"create table large.{table} as {sql}")
        connection.execute("create unique index address_index on large.lookup.addresses (address)")
        connection.execute(f"update large.lookup.origin set addresses = {copies * known}")
        connection.execute("checkpoint large")
        return copies * known


def _multiplied(connection: duckdb.DuckDBPyConnection, table: str, copies: int) -> str:
    columns = [row[0] for row in connection.execute(f"describe copy.{table}").fetchall()]
    joins, replaced = [], []
    for column in columns:
        if column not in (*ADDRESSES, *KEYS):
            continue
        name = f"{column}_names"
        old, new = ("old_address", "address") if column in ADDRESSES else ("old_key", "key")
        joins.append(
            f"left join names as {name} on {name}.number = copies.range"
            f" and {name}.{old} = rows.{column}"
        )
        # An address that only tokens or labels know keeps its name.
        replaced.append(f"coalesce({name}.{new}, rows.{column}) as {column}")
    if "transaction_key" in columns:
        replaced.append("hash(rows.transaction_key, copies.range) as transaction_key")
    if "transaction_hash" in columns:
        replaced.append(
            "'0x' || md5(rows.transaction_hash || copies.range)"
            " || md5(copies.range || rows.transaction_hash) as transaction_hash"
        )
    order = ORDERS.get(table, "address" if "address" in columns else "")
    return (
        f"select rows.* replace ({', '.join(replaced)}) from copy.{table} as rows"
        f" cross join range({copies}) as copies {' '.join(joins)}"
        + (f" order by {order}" if order else "")
    )
