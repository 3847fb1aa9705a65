"""The account of the input for people: what became of the rows of each file, and why."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

COLUMNS = ["rows_read", "rows_accepted", "rows_duplicate", "rows_rejected", "rows_too_early"]

LONGEST_EXAMPLE = 200


@dataclass(frozen=True)
class Account:
    """Rows of the mart input_files, the reasons of rejects, and tables with too many of them.

    Too many are more than `max_rejected_share`.
    """

    files: list[dict]
    rejects: list[tuple[str, str, int, str]]
    too_many_rejects: list[str]
    max_rejected_share: float


def read_account(database: Path, max_rejected_share: float) -> Account:
    """Read the account from a database with the marts of the input."""
    with duckdb.connect(str(database), read_only=True) as connection:
        files = connection.execute("from marts.input_files order by table_name, file_name")
        names = [column[0] for column in files.description]
        rows = [dict(zip(names, row, strict=True)) for row in files.fetchall()]
        rejects = connection.execute(
            "select table_name, rejection_reason, cast(sum(number_of_rows) as bigint),"
            " min(row_values) from (from marts.rejected_chain_rows union all"
            " from marts.rejected_labels) group by all order by 1, 3 desc, 2"
        ).fetchall()
        tables = connection.execute(
            "select table_name from marts.input_files where table_name is not null group by 1"
            " having sum(rows_rejected) > ? * sum(rows_read) order by 1",
            [max_rejected_share],
        ).fetchall()
    return Account(rows, rejects, [table for (table,) in tables], max_rejected_share)


def printed(account: Account) -> str:
    """The account as text."""
    read = [row for row in account.files if row["table_name"]]
    heads = ["table", "file", "format", "layout", *(name[5:] for name in COLUMNS)]
    cells = [
        [row["table_name"], row["file_name"], row["file_format"], row["layout"]]
        + [f"{row[name]:,}" for name in COLUMNS]
        for row in read
    ]
    lines = _aligned([heads, *cells])
    for row in read:
        for name, what in (("columns_ignored", "ignored"), ("columns_absent", "absent")):
            if row[name]:
                lines.append(f"{row['file_name']}: columns {what}: {row[name]}.")
    for row in account.files:
        if not row["table_name"]:
            lines.append(f"Not read: {row['file_name']}.")
    for table, reason, rows, example in account.rejects:
        lines.append(f"Rejected, {table}: {rows:,} {reason}, such as {example[:LONGEST_EXAMPLE]}.")
    for table in account.too_many_rejects:
        lines.append(
            f"A build would stop: more than {100 * account.max_rejected_share:g}% of {table} is"
            " rejected"
            " (var max_rejected_share)."
        )
    return "\n".join(lines)


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < 4 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
