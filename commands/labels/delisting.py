"""What became of the labels of the last import: kept, taken back, or back again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from commands.labels.checking import collapsed
from commands.labels.errors import LabelListError
from commands.labels.label import Label


@dataclass(frozen=True)
class Changes:
    """Labels by what happened to them since the last import."""

    kept: list[Label]
    added: list[Label]
    relisted: list[Label]
    delisted: list[Label]
    history: list[Label]
    unread: list[Label]

    @property
    def labels(self) -> list[Label]:
        """All rows of the new file, sorted."""
        standing = self.kept + self.added + self.relisted + self.unread
        return sorted(standing + self.delisted + self.history)


def compared(
    labels: Iterable[Label],
    previous: Iterable[Label],
    reported_at: str,
    as_of: str,
    unread: Collection[str] = (),
) -> Changes:
    """Compare a list with the last import of it.

    A label that vanished keeps its row and gets `valid_to` = `as_of`. One that stayed keeps its
    report time, unless the list itself dates it. One that came back is a second row, reported when
    it came back; the row that ended stays as history. `reported_at` dates what the list does not,
    also what ended later.
    Of addresses in `unread` the list has a row that was rejected, so their labels stand as before.
    """
    changes = Changes([], [], [], [], [], [])
    now, before = _by_key(labels, as_of), _by_key(previous, as_of)
    for key in now.keys() | before.keys():
        listed, was_listed = now[key].standing, before[key].standing
        was_reported_at = was_listed.reported_at if was_listed else ""
        ended = [_dated_by_its_end(x, (was_reported_at, reported_at)) for x in now[key].ended]
        history = collapsed(ended + before[key].ended)
        changes.history.extend(history)
        last_ended_at = max((label.valid_to for label in history), default="")
        if listed and was_listed:
            dates = (listed.reported_at, was_reported_at)
            # What ended between the two must not be the newest report.
            dates += (reported_at, as_of) if history else ()
            changes.kept.append(_dated(listed, dates, last_ended_at))
        elif listed and history:
            dates = (listed.reported_at, reported_at, as_of)
            changes.relisted.append(_dated(listed, dates, last_ended_at))
        elif listed:
            changes.added.append(_dated(listed, (listed.reported_at, reported_at), ""))
        elif was_listed and was_listed.address in unread:
            changes.unread.append(was_listed)
        elif was_listed and not now[key].ended:
            # Nothing ends before it was reported.
            ended_at = max(as_of, was_listed.reported_at)
            changes.delisted.append(replace(was_listed, valid_to=ended_at))
    return changes


def check_share_delisted(changes: Changes, most: float) -> None:
    """Raises LabelListError if so many labels vanished that the new file may be cut off."""
    delisted = len(changes.delisted)
    before = delisted + len(changes.kept)
    if delisted > most * before:
        raise LabelListError(
            f"{delisted} of the {before} labels that stood in the last import are not in this list."
            " Is it complete, of the same source and category? If so, give"
            " --max-delisted-share 1."
        )


class _Labels:
    """The labels of an address, category and source."""

    def __init__(self) -> None:
        self.standing: Label | None = None
        self.ended: list[Label] = []


def _by_key(labels: Iterable[Label], as_of: str) -> dict[tuple[str, ...], _Labels]:
    found: dict[tuple[str, ...], _Labels] = defaultdict(_Labels)
    for label in sorted(collapsed(labels)):
        of_key = found[label.key]
        if label.stands(as_of):
            of_key.standing = _newest(of_key.standing, label) if of_key.standing else label
        else:
            of_key.ended.append(label)
    return found


def _newest(one: Label, other: Label) -> Label:
    """Two labels that both stand, because they end later, as one that ends with the newer report.

    Of equal reports the one that ends holds, and of two such the one that ends first, as in
    stg_labels__address_labels.
    """
    by_end = sorted([one, other], key=lambda label: label.valid_to)
    newest = max(by_end, key=lambda label: (label.reported_at, bool(label.valid_to)))
    [as_one] = collapsed(replace(label, valid_to=newest.valid_to) for label in by_end)
    return as_one


def _dated_by_its_end(label: Label, dates: Iterable[str]) -> Label:
    """A label that ended with its own date, else the first of the dates before its end."""
    known = (date for date in dates if date and date <= label.valid_to)
    return replace(label, reported_at=label.reported_at or next(known, ""))


def _dated(label: Label, dates: tuple[str, ...], last_ended_at: str) -> Label:
    """The label with the first known of the dates that lies after its last ending.

    The project takes the newest report of a source, so a label that came back must be newer than
    the report that ended, though the list may give it its old date again.
    """
    known = (date for date in dates if date and date >= last_ended_at)
    return replace(label, reported_at=next(known, ""))
