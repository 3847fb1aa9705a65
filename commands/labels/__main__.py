"""Import a label list into the LABEL_DATA layout, with its provenance and its delistings."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from commands.labels.checking import Overrides, Reject, check_rows, collapsed
from commands.labels.delisting import Changes, check_share_delisted, compared
from commands.labels.errors import LabelListError
from commands.labels.label import USAGES, Label, now, option_time
from commands.labels.layouts import LAYOUTS, described
from commands.labels.reading import read_list
from commands.labels.writing import rejects_path, write_labels, write_rejects


def main(arguments: list[str] | None = None) -> int:
    """Import a list; returns the exit code: 0 done, 1 failed, 2 wrong arguments."""
    options = _options(arguments)
    if options.list_layouts:
        print(described())
        return 0
    try:
        _import(options)
    except (LabelListError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


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
    as_of = option_time("--as-of", options.as_of) or now()
    entries = read_list(options.list, layout).entries
    labels, rejects = check_rows(entries, layout, overrides)
    changes = compared(labels, _last_import(options.previous), reported_at, as_of)
    check_share_delisted(changes, options.max_delisted_share)
    rejected = rejects_path(options.out)
    write_rejects(rejected, rejects)
    if not labels:
        raise LabelListError(f"No row of {options.list} gives a label. Reasons are in {rejected}.")
    write_labels(options.out, changes.labels)
    _report_rejects(rejects, rejected)
    print(_summary(options, len(entries), labels, rejects, changes))


def _last_import(path: Path | None) -> list[Label]:
    if path is None:
        return []
    layout = LAYOUTS["label_data"]
    labels, rejects = check_rows(read_list(path, layout).entries, layout, Overrides())
    if rejects:
        bad = rejects[0]
        raise LabelListError(f"--previous {path}, {bad.entry.place}: {bad.reason}.")
    return labels


def _report_rejects(rejects: list[Reject], path: Path) -> None:
    for reject in rejects[:10]:
        print(f"{reject.entry.place}: {reject.reason}: {reject.entry.text}", file=sys.stderr)
    if len(rejects) > 10:
        print(f"… and {len(rejects) - 10} more in {path}", file=sys.stderr)


def _summary(
    options: argparse.Namespace,
    rows: int,
    labels: list[Label],
    rejects: list[Reject],
    changes: Changes,
) -> str:
    duplicates = len(labels) - len(collapsed(labels))
    written = changes.labels
    undated = sum(not label.reported_at for label in written)
    categories = Counter(label.category for label in written)
    lines = [
        f"{options.list}: {rows} rows, {len(rejects)} rejected, {duplicates} duplicates collapsed.",
        f"{options.out}: {len(written)} labels, {undated} of unknown report time ("
        + ", ".join(f"{category} {count}" for category, count in sorted(categories.items()))
        + ").",
    ]
    if options.previous:
        lines.append(
            f"Since {options.previous}: {len(changes.added)} added, {len(changes.delisted)}"
            f" delisted, {len(changes.relisted)} listed again, {len(changes.kept)} kept."
        )
    return "\n".join(lines)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.labels", description=__doc__)
    parser.add_argument("--list-layouts", action="store_true", help="show the layouts and stop")
    parser.add_argument("--layout", choices=LAYOUTS, help="how the list is written")
    parser.add_argument("--in", dest="list", type=Path, help="the list")
    parser.add_argument("--out", type=Path, help="CSV in the LABEL_DATA layout")
    parser.add_argument("--source", default="", help="who says so (default: by layout)")
    parser.add_argument("--url", default="", help="where the list was found")
    parser.add_argument(
        "--usage", default="", choices=USAGES, help="external: to test on, never trained on"
    )
    parser.add_argument(
        "--reported-at", help="when the list was known, for rows without a date (default: unknown)"
    )
    parser.add_argument("--category", default="", help="category of all rows")
    parser.add_argument(
        "--unknown-category", default="", help="category of rows whose own is unknown"
    )
    parser.add_argument(
        "--previous", type=Path, help="the last import; what is no longer listed gets valid_to"
    )
    parser.add_argument("--as-of", help="valid_to of what is no longer listed (default: now, UTC)")
    parser.add_argument(
        "--max-delisted-share",
        type=float,
        default=0.2,
        help="stop if a larger share of the last import vanished (default: 0.2)",
    )
    options = parser.parse_args(arguments)
    needed = {"--layout": options.layout, "--in": options.list, "--out": options.out}
    missing = [name for name, value in needed.items() if not value]
    if missing and not options.list_layouts:
        parser.error(f"needs {', '.join(missing)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
