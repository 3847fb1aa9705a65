"""Addresses and hashes: hash-like hexadecimal text computed from small integers.

The simulator works with integer address ids; text exists only in the chunk being written.
"""

import numpy as np
import pyarrow as pa

_HEX_PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype="<u2")
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(numbers: np.ndarray) -> np.ndarray:
    """Scramble unsigned 64-bit integers (the finaliser of SplitMix64; a bijection)."""
    z = np.asarray(numbers, dtype=np.uint64) + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def pseudo_random_bytes(seed: int, purpose: str, ids: np.ndarray, width: int) -> np.ndarray:
    """Return an array (len(ids), width) of bytes that depend only on seed, purpose and id."""
    key = mix(np.array([seed & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64))
    key = mix(key ^ np.uint64(int.from_bytes(purpose.encode()[:8], "little")))
    base = mix(np.asarray(ids, dtype=np.uint64) ^ key)
    words = [mix(base ^ mix(np.array([n]))) for n in range(-(-width // 8))]
    table = np.ascontiguousarray(np.stack(words, axis=1)).view(np.uint8)
    return table[:, :width]


def hex_text(raw: np.ndarray) -> pa.StringArray:
    """Turn an array (n, width) of bytes into Arrow text `0x…` of 2 × width digits."""
    count, width = raw.shape
    text = np.empty((count, 2 + 2 * width), dtype=np.uint8)
    text[:, :2] = np.frombuffer(b"0x", dtype=np.uint8)
    text[:, 2:] = _HEX_PAIRS[raw].view(np.uint8).reshape(count, 2 * width)
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(2 + 2 * width)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text.ravel()))


class AddressBook:
    """Gives every address id its 20 bytes; look-alikes copy both ends of another address."""

    def __init__(self, seed: int) -> None:
        """Start without look-alikes."""
        self._seed = seed
        self._copies = np.empty(0, dtype=np.int64)
        self._originals = np.empty(0, dtype=np.int64)

    def imitate(self, copies: np.ndarray, originals: np.ndarray) -> None:
        """Let each of `copies` share its first and last 4 hex digits with its original."""
        ids = np.concatenate([self._copies, copies])
        order = np.argsort(ids)
        self._copies = ids[order]
        self._originals = np.concatenate([self._originals, originals])[order]

    def raw(self, ids: np.ndarray) -> np.ndarray:
        """Return the addresses as an array (len(ids), 20) of bytes."""
        table = pseudo_random_bytes(self._seed, "address", ids, 20).copy()
        if len(self._copies):
            slot = np.clip(np.searchsorted(self._copies, ids), 0, len(self._copies) - 1)
            hit = np.flatnonzero(self._copies[slot] == ids)
            original = pseudo_random_bytes(self._seed, "address", self._originals[slot[hit]], 20)
            for column in (0, 1, 18, 19):
                table[hit, column] = original[:, column]
        return table

    def text(self, ids: np.ndarray) -> pa.StringArray:
        """Return the addresses as lower-case hexadecimal text."""
        return hex_text(self.raw(ids))
