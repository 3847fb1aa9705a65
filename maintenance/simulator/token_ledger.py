"""Token contracts and their transfers.

An amount is a uint256: kept as up to 18 leading digits and 9 trailing digits, with two forms
for the values that no 128-bit decimal holds.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from maintenance.simulator.identity import pseudo_random_bytes
from maintenance.simulator.ledger import position_in_run

SHORT, LONG, MAXIMUM, HASHED = range(4)  # leading digits; + 9 digits; 2^256 - 1; a 256-bit hash
UINT256_MAX = str(2**256 - 1)


@dataclass
class TokenTransfers:
    """All token transfers in chain order."""

    token: np.ndarray  # int32 address id of the contract
    sender: np.ndarray  # int32 address id
    recipient: np.ndarray  # int32 address id
    high: np.ndarray  # int64 leading digits
    low: np.ndarray  # int32 trailing 9 digits
    form: np.ndarray  # int8
    transaction: np.ndarray  # int64 row of the transaction in chain order
    log_index: np.ndarray  # int32 position in the block

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.token)


class TokenLedger:
    """Knows the token contracts; collects transfers that ride on rows of the ledger."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Start without tokens."""
        self._rng = rng
        self._parts: list[tuple[np.ndarray, ...]] = []
        self.ids: np.ndarray = np.empty(0, dtype=np.int32)  # fungible tokens by creation time
        self.created: np.ndarray = np.empty(0)
        self.decimals: np.ndarray = np.empty(0, dtype=np.int8)
        self.collections: np.ndarray = np.empty(0, dtype=np.int32)  # ERC-721, by creation time
        self.collections_created: np.ndarray = np.empty(0)

    def pick(self, time: np.ndarray) -> np.ndarray:
        """Draw a token (row) that exists at each time; the early ones are the popular ones."""
        existing = np.maximum(np.searchsorted(self.created, time), 1)
        return (existing * self._rng.random(len(time)) ** 3).astype(np.int64)

    def pick_collection(self, time: np.ndarray) -> np.ndarray:
        """Draw an ERC-721 collection (row) that exists at each time."""
        existing = np.maximum(np.searchsorted(self.collections_created, time), 1)
        return (existing * self._rng.random(len(time)) ** 2).astype(np.int64)

    def transfer(
        self,
        rows: np.ndarray,
        token: np.ndarray,
        sender: np.ndarray,
        recipient: np.ndarray,
        amount: np.ndarray,
    ) -> None:
        """Move `amount` whole tokens of the fungible token with this row number."""
        count = len(rows)
        decimals = self.decimals[token]
        is_long = decimals == 18
        scale = np.where(is_long, 1e9, 10.0 ** np.where(is_long, 0, decimals))
        high = np.rint(np.minimum(amount * scale, 9e17)).astype(np.int64)
        is_typed = high % 10_000_000 == 0
        low = np.where(is_long & ~is_typed, self._rng.integers(0, 10**9, count), 0)
        form = np.where(is_long, LONG, SHORT).astype(np.int8)
        # A few careless contracts report "everything" as 2^256 - 1.
        form[self._rng.random(count) < 0.0004] = MAXIMUM
        self._parts.append((rows, self.ids[token], sender, recipient, high, low, form))

    def transfer_nft(
        self, rows: np.ndarray, collection: np.ndarray, sender: np.ndarray, recipient: np.ndarray
    ) -> None:
        """Move one item; its id is a running number, or a hash in every tenth collection."""
        count = len(rows)
        form = np.where(collection % 10 == 3, HASHED, SHORT).astype(np.int8)
        item = self._rng.integers(0, 10_000, count)
        self._parts.append(
            (
                rows,
                self.collections[collection],
                sender,
                recipient,
                item,
                np.zeros(count, dtype=np.int64),
                form,
            )
        )

    def finish(self, place: np.ndarray, failed: np.ndarray, block: np.ndarray) -> TokenTransfers:
        """Put the transfers in chain order; those of failed or dropped transactions vanish."""
        types = (np.int64, np.int32, np.int32, np.int32, np.int64, np.int32, np.int8)
        columns = [
            np.concatenate([np.asarray(part[n], dtype=types[n]) for part in self._parts])
            for n in range(7)
        ]
        self._parts.clear()
        transaction = place[columns[0]]
        keep = transaction >= 0
        keep[keep] = ~failed[transaction[keep]]
        order = np.flatnonzero(keep)
        order = order[np.argsort(transaction[order], kind="stable")]
        transaction = transaction[order]
        columns = [column[order] for column in columns[1:]]
        _ensure_maximum(columns[-1])
        return TokenTransfers(
            *columns,
            transaction=transaction,
            log_index=position_in_run(block[transaction]),
        )


def _ensure_maximum(form: np.ndarray) -> None:
    """Small samples too hold an amount that no 128-bit number can."""
    if not (form == MAXIMUM).any():
        form[np.flatnonzero(form == LONG)[:2]] = MAXIMUM


def amount_text(seed: int, transfers: TokenTransfers, rows: slice) -> pa.Array:
    """Return the amounts of a slice of transfers as decimal text."""
    form, high = transfers.form[rows], transfers.high[rows]
    leading = pc.cast(pa.array(high), pa.string())
    trailing = pc.utf8_lpad(pc.cast(pa.array(transfers.low[rows]), pa.string()), 9, "0")
    long = pc.binary_join_element_wise(leading, trailing, "")
    bare = pc.cast(pa.array(transfers.low[rows]), pa.string())
    text = pc.if_else(form == SHORT, leading, pc.if_else(high == 0, bare, long))
    special = np.flatnonzero(form >= MAXIMUM)
    if not len(special):
        return text
    raw = pseudo_random_bytes(seed, "item", special + rows.start, 32)
    wide = [
        UINT256_MAX if form[row] == MAXIMUM else str(int.from_bytes(raw[n].tobytes(), "big"))
        for n, row in enumerate(special)
    ]
    return pc.replace_with_mask(text, pa.array(form >= MAXIMUM), pa.array(wide, pa.string()))
