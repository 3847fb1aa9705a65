"""Generated chains: few addresses and transactions, many edge cases of the feature dictionary."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
from hypothesis import strategies as st

ADDRESSES = [f"0x{digit * 40}" for digit in "0123ef"]

# Windows begin and end here or there; transactions fall on, just before and far from both.
WINDOW_START = datetime(2017, 6, 1, 22, 30)
WINDOW_END = datetime(2017, 6, 3)

TRANSACTION_COLUMNS = [
    "hash",
    "from_address",
    "to_address",
    "value",
    "gas",
    "gas_price",
    "receipt_status",
    "block_timestamp",
    "block_number",
    "transaction_index",
]

LARGEST_VALUE_WEI = 10**26


@dataclass(frozen=True, repr=False)
class Case:
    """A chain, in which a hash may occur more than once, and one half-open window over it."""

    transactions: pd.DataFrame
    window_start: datetime
    window_end: datetime

    def __repr__(self) -> str:
        """Every transaction in full, for the report of a failing case."""
        return f"[{self.window_start}, {self.window_end})\n{self.transactions.to_string()}"


def values_wei() -> st.SearchStrategy[int]:
    """Zero, single wei, odd numbers beyond the precision of a double, very large and round ones."""
    return st.one_of(
        st.sampled_from([0, 1, 10**18, 10**18 + 1, 2**53 + 1, LARGEST_VALUE_WEI]),
        # In 0.0005 ETH: 0.003, 0.0105, 0.01, 0.25, 0.255, 1.25 and 12.3 ETH.
        st.sampled_from([6, 21, 20, 500, 510, 2500, 24600]).map(lambda steps: steps * 5 * 10**14),
        st.integers(min_value=0, max_value=LARGEST_VALUE_WEI),
    )


def times() -> st.SearchStrategy[datetime]:
    """Whole seconds near the window's bounds, often equal, some across hours and days."""
    seconds_apart = st.one_of(
        st.sampled_from([-1, 0, 0, 1, 15, 15, 30, 3_600, 86_400]),
        st.integers(min_value=-200_000, max_value=200_000),
    )
    return st.builds(
        lambda bound, seconds: bound + timedelta(seconds=seconds),
        st.sampled_from([WINDOW_START, WINDOW_START, WINDOW_END]),
        seconds_apart,
    )


def windows() -> st.SearchStrategy[tuple[datetime, datetime]]:
    """Half-open windows: bounded, open to either side, one second long, and empty."""
    return st.sampled_from(
        [
            (WINDOW_START, WINDOW_END),
            (datetime(1970, 1, 1), WINDOW_START),
            (WINDOW_START, datetime(2100, 1, 1)),
            (datetime(1970, 1, 1), datetime(2100, 1, 1)),
            (WINDOW_START, WINDOW_START + timedelta(seconds=1)),
            (WINDOW_END, WINDOW_END),
        ]
    )


@st.composite
def chains(draw: st.DrawFn, max_transactions: int = 30) -> pd.DataFrame:
    """Transactions over two to six addresses, one row per hash, `TRANSACTION_COLUMNS`."""
    addresses = draw(st.sampled_from([ADDRESSES[:n] for n in range(2, len(ADDRESSES) + 1)]))
    has_gas = draw(st.sampled_from([True, True, True, False]))
    gas = st.one_of(st.none(), st.integers(21_000, 30_000_000)) if has_gas else st.none()
    gas_price = st.one_of(st.none(), st.integers(0, 10**13)) if has_gas else st.none()
    transaction = st.fixed_dictionaries(
        {
            "from_address": st.sampled_from(addresses),
            "to_address": st.sampled_from([*addresses, None]),
            "value": values_wei(),
            "gas": gas,
            "gas_price": gas_price,
            "receipt_status": st.sampled_from([1, 1, None, 0]),
            "block_timestamp": times(),
        }
    )
    size = draw(st.integers(0, max_transactions))
    rows = draw(st.lists(transaction, min_size=size, max_size=size))
    return transactions_frame(
        {
            "hash": transaction_hash(number),
            "block_number": _block_number(row["block_timestamp"]),
            "transaction_index": 1_000 + number,
            **row,
        }
        for number, row in enumerate(rows)
    )


@st.composite
def chains_with_duplicates(draw: st.DrawFn, max_transactions: int = 30) -> pd.DataFrame:
    """Chains in which some hashes come twice or more, identical or with conflicting rows.

    Conflicting rows of a hash differ in block number or transaction index, so which counts is
    defined.
    """
    chain = draw(chains(max_transactions))
    rows = chain.to_dict("records")
    if not rows:
        return chain

    repeated = draw(st.lists(st.sampled_from(rows), max_size=4))
    copies = []
    for number, row in enumerate(repeated, start=1):
        copy = dict(row)
        if draw(st.booleans()):
            copy["value"] = draw(values_wei())
            copy["to_address"] = draw(st.sampled_from([*ADDRESSES, None]))
            copy["receipt_status"] = draw(st.sampled_from([1, None, 0]))
            if draw(st.booleans()):
                copy["block_timestamp"] = draw(times())
                copy["block_number"] = _block_number(copy["block_timestamp"])
            copy["transaction_index"] += draw(st.sampled_from([-100, 100])) * number
        copies.append(copy)
    return transactions_frame(draw(st.permutations([*rows, *copies])))


@st.composite
def cases(draw: st.DrawFn, max_transactions: int = 30) -> Case:
    """A chain with duplicates and a window over it."""
    window_start, window_end = draw(windows())
    return Case(draw(chains_with_duplicates(max_transactions)), window_start, window_end)


def hand_made_chain(start: datetime, *transactions: dict) -> pd.DataFrame:
    """Transactions of 0xaa… to 0xbb… worth 10 wei at `start`, except where told otherwise.

    The column `seconds` of a transaction is its time in seconds after `start`.
    """
    return transactions_frame(
        {
            "hash": transaction_hash(number),
            "from_address": "0x" + "a" * 40,
            "to_address": "0x" + "b" * 40,
            "value": 10,
            "gas": 21_000,
            "gas_price": 5,
            "receipt_status": 1,
            "block_number": 1,
            "transaction_index": number,
            "block_timestamp": start + timedelta(seconds=transaction.get("seconds", 0)),
            **transaction,
        }
        for number, transaction in enumerate(transactions)
    )


def transactions_frame(rows: object) -> pd.DataFrame:
    """Rows (dictionaries) as a table of `TRANSACTION_COLUMNS`; wei and gas stay Python integers."""
    frame = pd.DataFrame(list(rows), columns=TRANSACTION_COLUMNS, dtype=object)
    frame["block_timestamp"] = pd.to_datetime(frame["block_timestamp"]).astype("datetime64[us]")
    return frame


def transaction_hash(number: int) -> str:
    """A well-formed transaction hash."""
    return f"0x{number:064x}"


def _block_number(timestamp: datetime) -> int:
    return int((timestamp - datetime(2015, 7, 30)).total_seconds()) // 15
