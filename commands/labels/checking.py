"""From the rows of a list to labels: address, category and time are checked row by row."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from commands.check.conversions import NULLS
from commands.labels.categories import SEED, known_words, normalised
from commands.labels.entry import Entry, Listing
from commands.labels.errors import LabelListError
from commands.labels.label import (
    USAGES,
    Label,
    ending_problem,
    is_address,
    parse_time,
    time_problem,
)
from commands.labels.layouts import Layout
from commands.labels.networks import NETWORK_COLUMNS, other_network, without_prefix


class LastUsage:
    """The usage of rows that name none: the one that their labels had in the last import.

    What is new in a source of which all labels were external is external too.
    """

    def __init__(self, previous: Iterable[Label] = ()) -> None:
        """Read the labels of the last import, none without one."""
        usages: dict[str, set[str]] = {}
        self._external = set()
        for label in previous:
            usages.setdefault(label.source, set()).add(label.usage)
            if label.usage == "external":
                self._external.add(label.key)
        self._sources = {source for source, found in usages.items() if found == {"external"}}

    def of(self, label: Label) -> str:
        """external or training."""
        is_external = label.key in self._external or label.source in self._sources
        return "external" if is_external else "training"


@dataclass(frozen=True)
class Overrides:
    """What the command line says about all rows of a list; '' leaves it to the list."""

    category: str = ""
    unknown_category: str = ""
    source: str = ""
    usage: str = ""
    url: str = ""


@dataclass(frozen=True)
class Reject:
    """A row that gives no label, and why: it is wrong, or on another network than Ethereum."""

    entry: Entry
    reason: str
    network: str = ""

    @property
    def addresses(self) -> list[str]:
        """Addresses of Ethereum in the row, wherever they stand in it."""
        return [] if self.network else re.findall("0x[0-9a-f]{40}", self.entry.text.lower())


@dataclass
class Checked:
    """What the rows of a list give. Every row is in one of the two lists.

    `extra_words` are unknown words for a category that stand beside a known one, with their rows.
    """

    labels: list[Label] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    extra_words: Counter[str] = field(default_factory=Counter)


def check_rows(
    entries: Iterable[Entry],
    layout: Layout,
    overrides: Overrides,
    last_usage: LastUsage | None = None,
) -> Checked:
    """Labels of the rows, with the list's own times.

    Raises LabelListError if a row has no known word for a category, naming all such words.
    """
    row_check = _RowCheck(layout, overrides, last_usage or LastUsage())
    checked = Checked(extra_words=row_check.extra)
    for entry in entries:
        result = row_check.labels(entry)
        if isinstance(result, Reject):
            checked.rejects.append(result)
        else:
            checked.labels.extend(result)
    row_check.stop_on_unknown_words()
    return checked


def collapsed(labels: Iterable[Label]) -> list[Label]:
    """One label per address, category, source and delisting, whatever the order of the rows.

    The earliest known report dates it, the comments are kept together, and external outranks
    training: a list to test on must not train.
    """
    groups: dict[tuple[str, ...], list[Label]] = {}
    for label in labels:
        groups.setdefault((*label.key, label.valid_to), []).append(label)
    return [_as_one(sorted(group)) for group in groups.values()]


def _as_one(group: list[Label]) -> Label:
    return replace(
        group[0],
        reported_at=min((label.reported_at for label in group if label.reported_at), default=""),
        url=_first(label.url for label in group),
        confidence=_first(label.confidence for label in group),
        usage=min(label.usage for label in group),
        comment=" | ".join(sorted({label.comment for label in group} - {""})),
    )


def _first(texts: Iterable[str]) -> str:
    return min(filter(None, texts), default="")


def _listed(times: dict[str, str], listing: Listing | None) -> dict[str, str]:
    """The times of a row with those of the list's history.

    The commit dates it. Only where the history begins an earlier date of the list's own holds. It
    ends when the list says so, or before that when a commit removed it.
    """
    if listing is None:
        return times
    own = times["reported_at"]
    is_own = listing.may_be_older and own and (not listing.since or own < listing.since)
    endings = [time for time in (times["valid_to"], listing.until) if time]
    return {
        "reported_at": own if is_own else listing.since,
        "valid_to": min(endings, default=""),
    }


def _present(entry: Entry, columns: Iterable[str]) -> list[str]:
    """The texts of columns, without those that say that there is nothing, as a build reads them."""
    texts = (entry.row.get(column, "").strip() for column in columns)
    return [text for text in texts if text.lower() not in NULLS]


class _RowCheck:
    def __init__(self, layout: Layout, overrides: Overrides, last_usage: LastUsage) -> None:
        self.layout = layout
        self.last_usage = last_usage
        self.columns = layout.columns | layout.optional
        self.words = known_words()
        self.unknown: Counter[str] = Counter()
        self.extra: Counter[str] = Counter()
        self.source = overrides.source or layout.source
        self.usage = overrides.usage
        self.url = overrides.url
        self.category = self._given(overrides.category or layout.category)
        self.unknown_category = self._given(overrides.unknown_category)
        for needed, option in ((self.source, "source"), (self.category, "category")):
            if not needed and option not in self.columns:
                raise LabelListError(f"The layout {layout.name} has no {option}: give --{option}.")

    def labels(self, entry: Entry) -> list[Label] | Reject:
        """The labels, or why there are none."""
        if entry.problem:
            return Reject(entry, entry.problem)
        values = {name: self._text(entry, name) for name in self.columns}
        network = other_network(values["address"], self._network(entry))
        if network:
            return Reject(entry, f"not on Ethereum: {network}", network)
        address = without_prefix(values["address"])
        times = {name: self._time(values.get(name, "")) for name in ("reported_at", "valid_to")}
        source = (self.source or values.get("source", "")).lower()
        usage = (self.usage or values.get("usage", "")).lower()
        words = self._words(entry)
        problem = self._problem(address, values, times, source, usage, words)
        if problem:
            return Reject(entry, problem)
        times = _listed(times, entry.listing)
        if ending_problem(times["reported_at"], times["valid_to"]):
            return Reject(entry, "had ended before a commit listed it")
        label = Label(
            address=address,
            category="",
            source=source,
            url=self.url or values.get("url", ""),
            confidence=values.get("confidence", ""),
            usage=usage,
            comment=values.get("comment", ""),
            **times,
        )
        labels = [replace(label, category=category) for category in self._categories(words)]
        if usage:
            return labels
        return [replace(label, usage=self.last_usage.of(label)) for label in labels]

    def _problem(
        self,
        address: str,
        values: dict[str, str],
        times: dict[str, str | None],
        source: str,
        usage: str,
        words: list[list[str]],
    ) -> str:
        if not is_address(address):
            return "malformed address"
        if not self.category and not words:
            return "missing category"
        if not source:
            return "missing source"
        if usage and usage not in USAGES:
            return "unknown usage, expected training or external"
        for name, time in times.items():
            if time is None:
                return f"unreadable {name} {values[name]}"
        return (times["reported_at"] and time_problem(times["reported_at"])) or ending_problem(
            times["reported_at"], times["valid_to"]
        )

    def _network(self, entry: Entry) -> str:
        own = self._texts(entry, "network")
        of_any_list = _present(entry, NETWORK_COLUMNS)
        return next(iter([*own, *of_any_list]), "")

    def _texts(self, entry: Entry, name: str) -> list[str]:
        return _present(entry, self.columns.get(name, ()))

    def _text(self, entry: Entry, name: str) -> str:
        # A line feed in a comment would spoil the count of lines of the next import.
        text = " ".join(", ".join(self._texts(entry, name)).replace("\0", " ").split())
        # JSON can hold halves of characters, which no file can.
        return text.encode("utf-8", "replace").decode("utf-8")

    def _words(self, entry: Entry) -> list[list[str]]:
        """The words for a category, by column."""
        cells = (map(normalised, text.split(",")) for text in self._texts(entry, "category"))
        columns = ([word for word in words if word] for words in cells)
        return [words for words in columns if words]

    def _time(self, text: str) -> str | None:
        return parse_time(text, self.layout.has_us_dates) if text else ""

    def _categories(self, columns: list[list[str]]) -> list[str]:
        """All known ones of the first column that has any."""
        if self.category:
            return [self.category]
        for words in columns:
            known = [self.words[word] for word in words if word in self.words]
            if known:
                self.extra.update({word for word in words if word not in self.words})
                return list(dict.fromkeys(known))
        self.unknown[columns[0][0]] += 1
        return [self.unknown_category]

    def _given(self, word: str) -> str:
        if word and normalised(word) not in self.words:
            raise LabelListError(
                f"{word} is not a category of the project. Those are in {SEED.name}. Add a line for"
                " yours."
            )
        return self.words[normalised(word)] if word else ""

    def stop_on_unknown_words(self) -> None:
        if not self.unknown or self.unknown_category:
            return
        words = [f"{word} ({rows})" for word, rows in self.unknown.most_common()]
        raise LabelListError(
            f"{len(words)} unknown categories, with their rows: {', '.join(words)}."
            " Say what they are: a line each in seeds/label_categories.csv, or one category for"
            " all rows (--category) or for those rows (--unknown-category other)."
        )
