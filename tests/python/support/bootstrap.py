"""Weights of the project's bootstrap, from their definition: MD5, a linear map, Poisson(1)."""

import hashlib
from collections.abc import Iterable

import numpy as np

PRIME = 2**31 - 1


def poisson_weights(replicate: int, addresses: Iterable[str]) -> np.ndarray:
    """Return how often each address is drawn into a replicate."""
    multiplier = 1 + _number(f"multiplier {replicate}", PRIME - 1)
    increment = _number(f"increment {replicate}", PRIME)
    draws = [(_number(address, PRIME) * multiplier + increment) % PRIME for address in addresses]
    terms = np.cumprod([1.0, *(1 / k for k in range(1, 8))]) / np.e
    return np.searchsorted(np.cumsum(terms) * PRIME, draws, side="right")


def interval(values: Iterable[float]) -> list[float]:
    """Return the 2.5 % and 97.5 % quantiles of replicates: a value among them."""
    ordered = np.sort(values)
    return [ordered[int(np.ceil(len(ordered) * q / 40)) - 1] for q in (1, 39)]


def _number(text: str, modulus: int) -> int:
    return int(hashlib.md5(text.encode()).hexdigest()[:8], 16) % modulus
