"""Transactions as a request brings them, typed as the tables they go to."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from commands.lookup.problems import Problem
from commands.lookup.scoring.engine import Given
from commands.lookup.scoring.other_rows import STATUS, what_is_other

Row = dict[str, Any]

_ADDRESS = re.compile("0x[0-9a-f]{40}")
_HASH = re.compile("0x[0-9a-f]{64}")
_HEX_NUMBER = re.compile("0x[0-9a-fA-F]+")
_DECIMAL_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
# As in the macro is_integral_number(): ether has 18 decimals.
_ETHER_AMOUNT = re.compile(r"[+-]?[0-9]+\.0{18,}")
_EPOCH_SECONDS = re.compile("[0-9]{1,12}")
# Python reads more forms than a build does, such as 2020-W45 and 20201105.
_ISO_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
_ABSENT = (None, "", "null", "None")
# As in the macro clean_created_address().
NO_CONTRACT = "0x" + 40 * "0"
# Services of queries write a transfer of ether as one of these tokens, which a build rejects.
ETHER = ("0x" + 40 * "0", "0x" + 40 * "e")

# As in the macro flag_of_text(). A test compares them.
FLAGS = {
    **dict.fromkeys(("1", "0x1", "true", "t", "yes", "y", "ok", "success"), True),
    **dict.fromkeys(("0", "0x0", "false", "f", "no", "n", "failed", "failure", "error"), False),
}

# The largest numbers that a build believes, as in the macro largest(). Sums leave the range of the
# database with larger ones. A test compares them.
LARGEST = {
    "wei": 200_000_000 * 10**18,
    "gas": 10**12,
    "gas_price": 10**18,
    "index": 10**9,
    "block_number": 10**12,
    # A number of 256 bits.
    "token_value": 2**256 - 1,
}

# Our name: the column of crypto_ethereum, then that of a block explorer's transaction list.
TRANSACTION_COLUMNS = {
    "transaction_hash": ("hash", "transaction_hash"),
    "from_address": ("from_address", "from"),
    "to_address": ("to_address", "to"),
    "contract_address": ("receipt_contract_address", "contractAddress"),
    "value": ("value",),
    "block_timestamp": ("block_timestamp", "timeStamp"),
    "block_number": ("block_number", "blockNumber"),
    "transaction_index": ("transaction_index", "transactionIndex"),
    "gas_limit": ("gas",),
    "gas_price": ("gas_price", "gasPrice"),
    "gas_used": ("receipt_gas_used", "gasUsed"),
    "effective_gas_price": ("receipt_effective_gas_price", "gasPrice", "gas_price"),
    "status": ("receipt_status", "txreceipt_status"),
    "is_error": ("isError",),
}

TOKEN_COLUMNS = {
    "transaction_hash": ("transaction_hash", "hash"),
    "token_address": ("token_address", "contractAddress"),
    "from_address": ("from_address", "from"),
    "to_address": ("to_address", "to"),
    "value": ("value",),
    "log_index": ("log_index", "logIndex"),
    "block_timestamp": ("block_timestamp", "timeStamp"),
}


def given(
    transactions: list[Row], token_transfers: list[Row] | None, balance_wei: str | int | None
) -> Given:
    """Return what a request brings. Raises Problem that names the first row that is wrong."""
    _require_own_rows("transactions", transactions, TRANSACTION_COLUMNS)
    _require_own_rows("token_transfers", token_transfers or [], TOKEN_COLUMNS)
    return Given(
        transactions=_distinct(
            [_transaction(f"transactions[{i}]", row) for i, row in enumerate(transactions)]
        ),
        token_transfers=None
        if token_transfers is None
        else [_token(f"token_transfers[{i}]", row) for i, row in enumerate(token_transfers)],
        balance_wei=_integer("balance_wei", balance_wei, "wei"),
    )


def _require_own_rows(table: str, rows: list[Row], columns: dict[str, tuple[str, ...]]) -> None:
    """Raise Problem if a row is of something else, or says what we ask for under another name."""
    read = {names[0]: names for field, names in columns.items() if field != "is_error"}
    if STATUS in read:
        read[STATUS] += columns["is_error"]
    for number, what in what_is_other(table, rows, read):
        raise _wrong(f"{table}[{number}]", what)


def require_sides_of(address: str, brought: Given) -> None:
    """Raise Problem if a row is of other addresses: a caller has mixed them up.

    A transaction that creates a contract may have created the address, unless it names another.
    """
    for row in brought.transactions:
        may_have_created = not row["to_address"] and row["contract_address"] in (None, address)
        if not may_have_created:
            _require_side_of(address, row, "transaction")
    for row in brought.token_transfers or []:
        _require_side_of(address, row, "token transfer")


def _require_side_of(address: str, row: Row, kind: str) -> None:
    if address not in (row["from_address"], row["to_address"]):
        raise Problem(
            422,
            "bad_row",
            f"The {kind} {row['transaction_hash']} is neither from nor to {address}."
            f" Give the address's own {kind}s.",
        )


def _transaction(place: str, row: Row) -> Row:
    values = {name: _first(row, columns) for name, columns in TRANSACTION_COLUMNS.items()}
    is_failed = (
        _flag(f"{place}.status", values["status"]) is False
        or _flag(f"{place}.is_error", values["is_error"]) is True
    )
    value = _needed(f"{place}.value", _integer(f"{place}.value", values["value"], "wei"))
    gas_used = _integer(f"{place}.gas_used", values["gas_used"], "gas")
    price = _integer(f"{place}.gas_price", values["effective_gas_price"], "gas_price")
    return {
        "transaction_hash": _text(f"{place}.hash", values["transaction_hash"], _HASH),
        "from_address": _text(f"{place}.from", values["from_address"], _ADDRESS),
        "to_address": None
        if values["to_address"] is None
        else _text(f"{place}.to", values["to_address"], _ADDRESS),
        "contract_address": None
        if values["contract_address"] in (None, NO_CONTRACT)
        else _text(f"{place}.contract_address", values["contract_address"], _ADDRESS),
        # A failed transaction moves no ether, but its fee is paid.
        "value_wei": 0 if is_failed else value,
        "fee_wei": None if gas_used is None or price is None else gas_used * price,
        "gas_limit": _integer(f"{place}.gas", values["gas_limit"], "gas"),
        "gas_price_wei": _integer(f"{place}.gas_price", values["gas_price"], "gas_price"),
        "block_number": _integer(f"{place}.block_number", values["block_number"], "block_number"),
        "transaction_index": _integer(
            f"{place}.transaction_index", values["transaction_index"], "index"
        ),
        "is_failed": is_failed,
        "block_timestamp": _time(f"{place}.block_timestamp", values["block_timestamp"]),
    }


def _token(place: str, row: Row) -> Row:
    values = {name: _first(row, columns) for name, columns in TOKEN_COLUMNS.items()}
    if str(values["token_address"]).strip().lower() in ETHER:
        raise _wrong(f"{place}.token_address", "is ether, not a token")
    return {
        "transaction_hash": _text(f"{place}.hash", values["transaction_hash"], _HASH),
        **{
            name: _text(f"{place}.{name}", values[name], _ADDRESS)
            for name in ("token_address", "from_address", "to_address")
        },
        # It exceeds the integers of the database, so it is kept as text.
        "value": None
        if values["value"] is None
        else str(_integer(f"{place}.value", values["value"], "token_value")),
        "log_index": _integer(f"{place}.log_index", values["log_index"], "index"),
        "block_timestamp": _time(f"{place}.block_timestamp", values["block_timestamp"]),
    }


def _distinct(transactions: list[Row]) -> list[Row]:
    """Return each transaction once; of copies that differ the one of the highest block."""
    kept: dict[str, Row] = {}
    for row in transactions:
        known = kept.get(row["transaction_hash"])
        if known is None or (row["block_number"] or -1) > (known["block_number"] or -1):
            kept[row["transaction_hash"]] = row
    return list(kept.values())


def _first(row: Row, columns: tuple[str, ...]) -> Any:
    return next((row[name] for name in columns if row.get(name) not in _ABSENT), None)


def _wrong(place: str, what: str) -> Problem:
    return Problem(
        422,
        "bad_row",
        f"{place} {what}. Columns are those of crypto_ethereum or of a block explorer's list.",
    )


def _needed(place: str, value: Any) -> Any:
    if value is None:
        raise _wrong(place, "is absent")
    return value


def _text(place: str, value: Any, pattern: re.Pattern[str]) -> str:
    text = str(_needed(place, value)).strip().lower()
    if not pattern.fullmatch(text):
        raise _wrong(place, "is not 0x and hexadecimal digits of the right number")
    return text


def _integer(place: str, value: Any, quantity: str) -> int | None:
    if value in _ABSENT:
        return None
    text = str(value).strip()
    try:
        if _HEX_NUMBER.fullmatch(text):
            number = int(text, 16)
        elif quantity == "wei" and _ETHER_AMOUNT.fullmatch(text):
            raise _wrong(place, "has the decimals of ether. Give wei")
        elif _DECIMAL_NUMBER.fullmatch(text):
            decimal = Decimal(text)
            if not decimal.is_finite() or decimal.adjusted() > 80:
                raise ValueError("too large")
            number = int(decimal)
            if decimal != number:
                raise ValueError("not whole")
        else:
            raise ValueError("no number")
    except (ValueError, InvalidOperation) as error:
        raise _wrong(place, "is not a whole number") from error
    if not 0 <= number <= LARGEST[quantity]:
        raise _wrong(place, "is negative or too large")
    return number


def _flag(place: str, value: Any) -> bool | None:
    if value is None:
        return None
    text = str(value).strip().lower().removesuffix(".0")
    if text not in FLAGS:
        raise _wrong(place, "is neither a yes nor a no")
    return FLAGS[text]


def _time(place: str, value: Any) -> datetime:
    text = str(_needed(place, value)).strip()
    try:
        if _EPOCH_SECONDS.fullmatch(text):
            time = datetime.fromtimestamp(int(text), UTC)
        elif _ISO_TIME.fullmatch(text):
            time = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
        else:
            raise ValueError("another form")
        if time.tzinfo is None:
            time = time.replace(tzinfo=UTC)
        time = time.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise _wrong(place, "is not a time: give epoch seconds or ISO text in UTC") from error
    # As is_possible_time in macros/inputs: a build rejects other times.
    latest = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    if not datetime(2015, 7, 30) <= time <= latest:
        raise _wrong(place, "is before the first block or more than a day ahead")
    return time
