"""Copy a bounded slice of the public chain tables on BigQuery into a CHAIN_DATA directory.

The price is shown before anything is read, and a slice that may bill more than `--max-bytes` is
refused. An interrupted pull goes on where it stopped when the same command is given again.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from commands.slice.errors import ArgumentsError, SliceError
from commands.slice.estimate import GIB, MIB, TIB, dollars, price_table, size
from commands.slice.folder import SliceFolder
from commands.slice.pull import Slice
from commands.slice.queries import Queries
from commands.slice.selection import MAX_ADDRESSES, Neighbours, Selection, read_addresses
from commands.slice.tables import chain_tables, public_dataset
from commands.slice.warehouse import Warehouse, connect

INTERRUPTED = 130

Connect = Callable[[str, bool, int], Warehouse]


def main(arguments: list[str] | None = None, connect_to: Connect = connect) -> int:
    """Pull a slice; returns the exit code. `arguments` default to those of the process.

    0 done, 1 failed, 2 wrong arguments, 3 over the cap, 130 interrupted.
    """
    options = _options(arguments)
    try:
        _run(options, connect_to)
    except KeyboardInterrupt:
        print(
            "\nInterrupted. Finished files are kept: give the same command again to go on.",
            file=sys.stderr,
        )
        return INTERRUPTED
    except SliceError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    except (GoogleAPIError, GoogleAuthError, OSError) as error:
        print(f"Error: {_explained(error)}", file=sys.stderr)
        return SliceError.exit_code
    return 0


def _run(options: argparse.Namespace, connect_to: Connect) -> None:
    selection = _selection(options)
    tables = chain_tables()
    columns = {name: table.columns for name, table in tables.items()}
    record = {"source": options.source, **selection.record(), "columns": columns}
    folder = SliceFolder(options.out, record)
    if not options.project:
        raise ArgumentsError(
            "No project to bill: give --project, or set BIGQUERY_PROJECT. Any Google Cloud project"
            " in which you may run BigQuery jobs will do."
        )
    warehouse = connect_to(options.project, options.rest, options.max_bytes)
    queries = Queries(options.source, tables)
    job = Slice(selection, queries, folder, warehouse, not options.no_balances)

    steps = job.estimate()
    print(f"{options.source}, {selection.days[0]} to {selection.days[-1]}:")
    print(price_table(steps, options.price_per_tib))
    job.check_cap(steps)
    if options.dry_run:
        return
    job.pull()
    _report(job, options)


def _report(job: Slice, options: argparse.Namespace) -> None:
    if (neighbours := job.folder.neighbours) is not None:
        print(
            f"Neighbours: {len(neighbours['addresses']):,} followed,"
            f" {neighbours['hubs_left_out']:,} hubs and"
            f" {neighbours['others_left_out']:,} others left out."
        )
    counts = ", ".join(f"{name} {rows:,}" for name, rows in job.row_counts().items())
    billed = job.warehouse.billed_bytes
    print(f"Rows in {options.out}: {counts}.")
    print(f"Billed: {size(billed)}, {dollars(billed, options.price_per_tib)}.")
    print(f"Build on it: CHAIN_DATA={options.out} DUCKDB_PATH=slice.duckdb make build")


def _selection(options: argparse.Namespace) -> Selection:
    neighbours = None
    if options.neighbours:
        neighbours = Neighbours(options.max_neighbours, options.hub_transactions)
    addresses = read_addresses(options.addresses) if options.addresses else None
    if neighbours and addresses and len(addresses) + options.max_neighbours > MAX_ADDRESSES:
        raise ArgumentsError(
            f"--addresses and --max-neighbours together are more than {MAX_ADDRESSES:,}."
        )
    return Selection(options.start, options.end, addresses, options.sample_percent, neighbours)


def _explained(error: Exception) -> str:
    """The first line of what Google's client says, and what usually helps."""
    text = (getattr(error, "message", None) or str(error)).strip().split("\n")[0]
    kind = type(error).__name__
    advice = {
        "Forbidden": "You need the roles BigQuery Job User and BigQuery Read Session User on the"
        " project that pays.",
        "PermissionDenied": "You need the role BigQuery Read Session User on the project that pays,"
        " or --rest, which is slower.",
        "NotFound": "Is --source a dataset with the tables of crypto_ethereum?",
        "RefreshError": "Log in again: gcloud auth application-default login.",
    }.get(kind, "")
    if "bytes billed" in text:
        advice = "The next file would go over --max-bytes: raise it."
    return f"{kind}: {text} {advice}\nFinished files are kept: give the same command to go on."


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.slice", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="directory, new or begun before")
    parser.add_argument("--start", type=_date, required=True, help="first day, YYYY-MM-DD (UTC)")
    parser.add_argument("--end", type=_date, required=True, help="the day after the last")
    parser.add_argument("--addresses", help="file with one address a line, or a,b,c")
    parser.add_argument(
        "--neighbours",
        action="store_true",
        help="also all transactions of the addresses' direct counterparties",
    )
    parser.add_argument(
        "--max-neighbours",
        type=_positive,
        default=1000,
        help="follow at most so many, the closest first (default: 1000)",
    )
    parser.add_argument(
        "--hub-transactions",
        type=_positive,
        default=10_000,
        help="do not follow a neighbour with more transactions in these days (default: 10000)",
    )
    parser.add_argument(
        "--sample-percent",
        type=_percent,
        help="transactions from or to this share of all addresses, chosen by their MD5",
    )
    parser.add_argument("--no-balances", action="store_true", help="leave out the table balances")
    parser.add_argument("--dry-run", action="store_true", help="show the price and stop")
    parser.add_argument(
        "--max-bytes",
        type=_bytes,
        default=100 * GIB,
        help="refuse to bill more in one run (default: 100GiB)",
    )
    parser.add_argument(
        "--price-per-tib",
        type=float,
        default=6.25,
        help="US dollars per TiB on demand (default: 6.25)",
    )
    parser.add_argument(
        "--project",
        default=os.environ.get("BIGQUERY_PROJECT"),
        help="project that pays (default: BIGQUERY_PROJECT)",
    )
    parser.add_argument(
        "--source",
        type=_dataset,
        default=public_dataset(),
        help=f"project.dataset to read (default: {public_dataset()})",
    )
    parser.add_argument(
        "--rest", action="store_true", help="read results without the BigQuery Storage API (slow)"
    )
    return parser.parse_args(arguments)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date: write YYYY-MM-DD") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above zero")
    return int(text)


def _percent(text: str) -> Decimal:
    if not re.fullmatch(r"\d*\.?\d+", text):
        raise argparse.ArgumentTypeError(f"{text} is not a number")
    return Decimal(text)


def _bytes(text: str) -> int:
    units = {"": 1, "MiB": MIB, "GiB": GIB, "TiB": TIB}
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(|MiB|GiB|TiB)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text} is not a size: write 50GiB or a number of bytes")
    return int(Decimal(match[1]) * units[match[2]])


def _dataset(text: str) -> str:
    # A name goes into the query as text, because it cannot be a parameter.
    if not re.fullmatch(r"[a-z][a-z0-9.:-]*[a-z0-9]\.[A-Za-z0-9_]+", text):
        raise argparse.ArgumentTypeError(f"{text} is not a project.dataset")
    return text


if __name__ == "__main__":
    sys.exit(main())
