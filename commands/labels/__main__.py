"""Import a label list into the LABEL_DATA layout, with its provenance and its delistings."""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from commands.labels import layouts, sources
from commands.labels.checking import Checked, LastUsage, Overrides, Reject, check_rows, collapsed
from commands.labels.delisting import Changes, check_share_delisted, compared
from commands.labels.download import Trust, fetch
from commands.labels.entry import Entry
from commands.labels.errors import LabelListError
from commands.labels.history import read_history
from commands.labels.label import Label, now, option_time
from commands.labels.layouts import LAYOUTS
from commands.labels.options import read_options
from commands.labels.reading import read_list
from commands.labels.reviews import labels_of, read_reviews, review_rows
from commands.labels.sources import SOURCES
from commands.labels.tag_pack_output import tag_pack
from commands.labels.writing import (
    check_not_emptied,
    label_data,
    rejects_path,
    rejects_text,
    write_files,
)


def main(arguments: list[str] | None = None) -> int:
    """Import a list; returns the exit code: 0 done, 1 failed, 2 wrong arguments."""
    options = read_options(arguments)
    if options.list_layouts or options.list_sources:
        print(layouts.described() if options.list_layouts else sources.described())
        return 0
    try:
        if options.download:
            _download(options)
        if options.reviews:
            _import_reviews(options)
        elif options.out:
            _import(options)
    except (LabelListError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


@dataclass(frozen=True)
class _Import:
    """What was read and what came of it."""

    rows: int
    not_read: list[str]
    checked: Checked
    changes: Changes
    history: str


def _download(options: argparse.Namespace) -> None:
    """Fetch the list, and fill in the options that its import needs."""
    source = SOURCES[options.download]
    trust = Trust(options.sha256, options.trust_first_download)
    options.list = fetch(source, options.downloads, trust, options.offline)
    options.layout = source.layout
    if "url" not in LAYOUTS[source.layout].optional:
        options.url = options.url or source.url
    for name in ("source", "category", "unknown_category", "usage"):
        setattr(options, name, getattr(options, name) or getattr(source, name))
    if not options.out:
        print(f"{options.list} is there. With --out labels/{source.name}.csv it is imported too.")


def _import(options: argparse.Namespace) -> None:
    layout = LAYOUTS[options.layout]
    overrides = Overrides(
        category=options.category,
        unknown_category=options.unknown_category,
        source=options.source,
        usage=options.usage,
        url=options.url,
    )
    reported_at = option_time("--reported-at", options.reported_at)
    as_of = option_time("--as-of", options.as_of)
    entries, history = _entries(options)
    previous = _last_import(options.previous)
    if options.usage:
        previous = [replace(label, usage=options.usage) for label in previous]
    checked = check_rows(entries, layout, overrides, LastUsage(previous))
    labels, rejects = checked.labels, checked.rejects
    unread = {address for reject in rejects for address in reject.addresses}
    changes = compared(labels, previous, reported_at, as_of or now(), unread)
    check_share_delisted(changes, options.max_delisted_share)
    rejected = rejects_path(options.out)
    if not labels:
        write_files({rejected: rejects_text(rejects)})
        raise LabelListError(f"No row of {options.list} gives a label. Reasons are in {rejected}.")
    as_text = tag_pack if options.to == "tagpack" else label_data
    write_files({options.out: as_text(changes.labels), rejected: rejects_text(rejects)})
    _report_rejects(rejects, rejected)
    # A row that could not be read has no columns of the list.
    readable = [entry for entry in entries if not entry.problem]
    not_read = layout.not_read(name for entry in readable for name in entry.row)
    done = _Import(len(entries), not_read, checked, changes, history)
    print(_summary(options, done))


def _import_reviews(options: argparse.Namespace) -> None:
    """Write the labels that reviews make, and the reviews themselves if asked to."""
    reviews = read_reviews(options.reviews)
    labels = labels_of(reviews)
    as_text = tag_pack if options.to == "tagpack" else label_data
    texts: dict[Path, str | None] = {options.out: as_text(labels)}
    if not labels:
        check_not_emptied(options.out, as_text([]))
    if options.review_rows:
        texts[options.review_rows] = review_rows(reviews)
        if not reviews:
            check_not_emptied(options.review_rows, review_rows([]))
    write_files(texts)
    ended = sum(bool(label.valid_to) for label in labels)
    counts = _counted(Counter(label.category for label in labels)) or "none"
    print(f"{len(reviews)} reviews. {options.out}: {len(labels)} labels ({counts}), {ended} ended.")


def _entries(options: argparse.Namespace) -> tuple[list[Entry], str]:
    """The rows, and what their history is, '' without one."""
    layout = LAYOUTS[options.layout]
    if not options.history:
        return read_list(options.list, layout).entries, ""
    history = read_history(options.history, options.list, layout)
    told = f"{history.commits} commits since {history.since or 'an unknown time'}"
    if history.without_row:
        told += f", {history.without_row} addresses in no row of their own"
    return history.entries, told


def _last_import(path: Path | None) -> list[Label]:
    if path is None:
        return []
    layout = LAYOUTS["label_data"]
    checked = check_rows(read_list(path, layout).entries, layout, Overrides())
    for bad in checked.rejects[:1]:
        raise LabelListError(f"--previous {path}, {bad.entry.place}: {bad.reason}.")
    return checked.labels


def _report_rejects(rejects: list[Reject], path: Path) -> None:
    wrong = [reject for reject in rejects if not reject.network]
    for reject in wrong[:10]:
        print(f"{reject.entry.place}: {reject.reason}: {reject.entry.text}", file=sys.stderr)
    if len(wrong) > 10:
        print(f"… and {len(wrong) - 10} more in {path}", file=sys.stderr)


def _summary(options: argparse.Namespace, done: _Import) -> str:
    labels, rejects = done.checked.labels, done.checked.rejects
    elsewhere = Counter(reject.network for reject in rejects if reject.network)
    duplicates = len(labels) - len(collapsed(labels))
    rejected = len(rejects) - elsewhere.total()
    written = done.changes.labels
    undated = sum(not label.reported_at for label in written)
    lines = [
        f"{options.list}: {done.rows} rows, {rejected} rejected, {duplicates} duplicates collapsed."
    ]
    if done.not_read:
        lines.append(f"Columns not read: {', '.join(done.not_read)}.")
    if extra := done.checked.extra_words:
        first = ", ".join(f"{word} ({rows})" for word, rows in extra.most_common(20))
        more = f" and {len(extra) - 20} more" if len(extra) > 20 else ""
        lines.append(f"Unknown words beside a known category, with their rows: {first}{more}.")
    if elsewhere:
        lines.append(f"Not on Ethereum: {elsewhere.total()} rows ({_counted(elsewhere)}).")
    lines.append(
        f"{options.out}: {len(written)} labels, {undated} of unknown report time"
        f" ({_counted(Counter(label.category for label in written))})."
    )
    if done.history:
        ended = sum(bool(label.valid_to) for label in written)
        again = len(done.changes.relisted)
        lines.append(f"History: {done.history}, {ended} delisted, {again} listed again.")
    if options.previous:
        lines.append(
            f"Since {options.previous}: {len(done.changes.added)} added,"
            f" {len(done.changes.delisted)} delisted, {len(done.changes.relisted)} listed again,"
            f" {len(done.changes.kept)} kept."
        )
        external = sum(label.usage == "external" for label in written)
        if external and not options.usage:
            lines.append(f"{external} labels are external. --usage training would train on them.")
        if done.changes.unread:
            lines.append(
                f"{len(done.changes.unread)} labels stand as before, because the rows of their"
                " addresses were rejected."
            )
    return "\n".join(lines)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
