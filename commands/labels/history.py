"""When addresses came onto a list and left it, from the commits of a clone.

An address is on the list in every version whose text has it, wherever it stands. So a list that is
sorted or laid out anew loses none, and one that moves within a commit was never away.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from commands.labels.differences import differences
from commands.labels.entry import Entry, Listing
from commands.labels.errors import LabelListError
from commands.labels.git_clone import Clone, Version
from commands.labels.label import now, time_problem, utc_text
from commands.labels.layouts import Format, Layout
from commands.labels.networks import without_prefix
from commands.labels.reading import as_text, read_text

_ADDRESS = re.compile(rb"(?<![0-9a-z])0x[0-9a-f]{40}(?![0-9a-z])")
_LINE_FORMATS = (Format.CSV, Format.LINES, Format.SDN)
_COMMENT = re.compile(rb"#[^\n]*")


@dataclass(frozen=True)
class History:
    """Rows of a list with the times of their addresses, also of those that left it.

    `without_row` counts addresses that stand in the file, but in no row of their own.
    """

    entries: list[Entry]
    commits: int
    since: str
    without_row: int


@dataclass(frozen=True)
class _Ended:
    """A time that ended, and the last blob with the address."""

    listing: Listing
    blob: str


def read_history(clone_path: Path, file: Path, layout: Layout) -> History:
    """The rows of a list in the last commit, and before each commit that removed an address.

    Raises LabelListError if the clone or the file in it cannot be read.
    """
    clone = Clone(clone_path)
    name = clone.inside(file)
    versions = clone.versions(name)
    if not versions:
        raise LabelListError(f"No commit of {clone_path} has {name}.")
    last = versions[-1]
    if not last.blob:
        raise LabelListError(
            f"{name} is not in the last commit of {clone_path}: {last.commit[:10]} removed it."
        )
    times = _times(versions)
    standing, ended = _listings(clone, layout, versions, times)
    [content] = clone.contents([last.blob])
    listed = read_text(name, as_text(name, content), layout).entries
    entries = [replace(entry, listing=standing.get(_address(entry, layout))) for entry in listed]
    entries.extend(_ended_entries(clone, name, layout, ended))
    without_row = len(standing.keys() - {_address(entry, layout) for entry in listed})
    return History(entries, len(versions), times[0], without_row)


def _times(versions: list[Version]) -> list[str]:
    """UTC times of versions, which never go back and are never to come.

    Clocks of committers differ. The later time is the safe one: an address was known by then.
    """
    latest, times, today = "", [], now()
    for version in versions:
        time = min(utc_text(version.committed_at), today)
        if not time_problem(time):
            latest = max(latest, time)
        times.append(latest)
    return times


def _listings(
    clone: Clone, layout: Layout, versions: list[Version], times: list[str]
) -> tuple[dict[str, Listing], dict[str, list[_Ended]]]:
    """Addresses and their present time on the list, and the times that ended."""
    standing: dict[str, Listing] = {}
    ended: dict[str, list[_Ended]] = defaultdict(list)
    text_before, blob_before = b"", ""
    contents = clone.contents([version.blob for version in versions])
    for version, time, content in zip(versions, times, contents, strict=True):
        text = _COMMENT.sub(b"", content) if layout.format is Format.LINES else content
        added, gone = _changed(text_before, text)
        for address in gone:
            listing = replace(standing.pop(address), until=time)
            ended[address].append(_Ended(listing, blob_before))
        for address in added - standing.keys():
            standing[address] = Listing(time, may_be_older=version is versions[0])
        text_before, blob_before = text, version.blob
    return standing, ended


def _changed(old: bytes, new: bytes) -> tuple[set[str], set[str]]:
    """Addresses in what is new of a text, and those that are gone from it."""
    found: set[str] = set()
    lost: set[str] = set()
    for old_part, new_part in differences(old, new):
        found |= _addresses(new_part)
        lost |= _addresses(old_part)
    lost -= found
    if lost:
        # What stood in several places may still stand in one that did not change.
        whole = new.lower()
        if any(address.encode() in whole for address in lost):
            lost -= _addresses(whole)
    return found, lost


def _addresses(text: bytes) -> set[str]:
    return {address.decode() for address in _ADDRESS.findall(text.lower())}


def _ended_entries(
    clone: Clone, name: str, layout: Layout, ended: dict[str, list[_Ended]]
) -> Iterator[Entry]:
    """The rows of addresses that left the list, from the last version that had them."""
    # The list may have been the same file before two removals.
    by_blob: dict[str, dict[str, list[Listing]]] = defaultdict(lambda: defaultdict(list))
    for address, times in ended.items():
        for time in times:
            by_blob[time.blob][address].append(time.listing)
    for blob, content in zip(by_blob, clone.contents(by_blob), strict=True):
        listings = by_blob[blob]
        for entry in _rows_of(listings, name, content, layout):
            for listing in listings.get(_address(entry, layout), ()):
                yield replace(entry, place=f"version {blob[:10]}", listing=listing)


def _rows_of(addresses: Iterable[str], name: str, content: bytes, layout: Layout) -> list[Entry]:
    """Rows of an old version, among them all of these addresses."""
    only_addresses = [Entry("", {layout.address_column: address}) for address in addresses]
    if len(layout.columns | layout.optional) == 1:
        return only_addresses
    try:
        text = as_text(name, content)
        if layout.format in _LINE_FORMATS:
            entries = read_text(name, _lines_of(addresses, text), layout).entries
            if not any(entry.problem for entry in entries):
                return entries
        return read_text(name, text, layout).entries
    except LabelListError:
        # It was in another layout then. The address alone will do if all rows mean the same.
        return only_addresses


def _lines_of(addresses: Iterable[str], text: str) -> str:
    """The first line and those with an address, which spares reading thousands of others."""
    first, _, rest = text.partition("\n")
    lower, wanted = rest.lower(), set()
    if len(lower) != len(rest):
        return text
    for address in addresses:
        found = lower.find(address)
        while found >= 0:
            start, end = lower.rfind("\n", 0, found) + 1, lower.find("\n", found)
            wanted.add((start, len(rest) if end < 0 else end))
            found = lower.find(address, found + 1)
    return "\n".join([first, *(rest[start:end] for start, end in sorted(wanted))])


def _address(entry: Entry, layout: Layout) -> str:
    return without_prefix(entry.row.get(layout.address_column, ""))
