"""Where two versions of a text differ, found without looking at each line.

Most commits change a few lines of thousands. The parts may be larger than what really differs, so
whatever is in one text and not in the other is in them, but not the other way round.
"""

from collections.abc import Iterator

# Kept of what is equal beside a difference: more than an address, so that none is cut.
MARGIN = 64
# Smaller parts are not parted any more.
SMALL = 2_048


def differences(old: bytes, new: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Parts of the old text and what stands in their place in the new one."""
    parts = [(old, new)]
    while parts:
        one, other = _without_equal_ends(*parts.pop())
        if one == other:
            continue
        halves = _parted(one, other) if min(len(one), len(other)) > SMALL else None
        if halves:
            parts.extend(halves)
        else:
            yield one, other


def _without_equal_ends(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    start = max(0, _equal_at_start(one, other) - MARGIN)
    one, other = one[start:], other[start:]
    end = max(0, _equal_at_end(one, other) - MARGIN)
    return one[: len(one) - end], other[: len(other) - end]


def _parted(one: bytes, other: bytes) -> list[tuple[bytes, bytes]] | None:
    """Two parts on both sides of a piece that both texts have; None if none was found."""
    for share in (0.5, 0.25, 0.75):
        at = int(len(one) * share)
        piece = one[at : at + 2 * MARGIN]
        found = other.find(piece)
        if found >= 0:
            end = at + len(piece), found + len(piece)
            return [(one[: end[0]], other[: end[1]]), (one[at:], other[found:])]
    return None


def _equal_at_start(one: bytes, other: bytes) -> int:
    same, most = 0, min(len(one), len(other)) + 1
    while most - same > 1:
        middle = (same + most) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            most = middle
    return same


def _equal_at_end(one: bytes, other: bytes) -> int:
    same, most = 0, min(len(one), len(other)) + 1
    while most - same > 1:
        middle = (same + most) // 2
        if (
            one[len(one) - middle : len(one) - same]
            == other[len(other) - middle : len(other) - same]
        ):
            same = middle
        else:
            most = middle
    return same
