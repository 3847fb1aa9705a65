"""The options of the command, and which of them go together."""

import argparse
import os
from pathlib import Path

from commands.labels.label import USAGES
from commands.labels.layouts import LAYOUTS
from commands.labels.sources import SOURCES
from commands.lookup.settings import Settings

DESCRIPTION = "Import a label list into the LABEL_DATA layout, with its provenance and delistings."
DOWNLOADS = Path("labels/downloads")

# What a list needs and reviews say themselves, and what goes with another option only.
_OF_LISTS = (
    *("--source", "--url", "--usage", "--reported-at", "--category", "--unknown-category"),
    *("--previous", "--as-of"),
)
_ONLY_WITH = {
    "--review-rows": "--reviews",
    **dict.fromkeys(("--sha256", "--trust-first-download", "--from"), "--download"),
}


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    """The options; exits with code 2 if some are missing or do not go together."""
    parser = argparse.ArgumentParser(prog="python -m commands.labels", description=DESCRIPTION)
    parser.add_argument("--list-layouts", action="store_true", help="show the layouts and stop")
    parser.add_argument("--list-sources", action="store_true", help="show public lists and stop")
    parser.add_argument("--layout", choices=LAYOUTS, help="how the list is written")
    parser.add_argument(
        "--in",
        dest="list",
        type=Path,
        help="the list, a folder of TagPacks, or a file inside --history",
    )
    parser.add_argument("--out", type=Path, help="where the labels go")
    parser.add_argument(
        "--to",
        choices=("label_data", "tagpack"),
        default="label_data",
        help="what is written: CSV in the LABEL_DATA layout (default), or a GraphSense TagPack",
    )
    parser.add_argument(
        "--reviews",
        metavar="URL",
        nargs="?",
        const=os.environ.get("REVIEWS_URL") or Settings.reviews_url,
        help="turn reviews of the look-up into labels (default: REVIEWS_URL, else reviews.sqlite)",
    )
    parser.add_argument(
        "--review-rows", type=Path, help="with --reviews: write the reviews for REVIEW_DATA too"
    )
    _add_labels(parser)
    _add_delisting(parser)
    _add_download(parser)
    options = parser.parse_args(arguments)
    if not (options.list_layouts or options.list_sources):
        _check(parser, options)
    return options


def _add_labels(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what holds for all rows")
    group.add_argument("--source", default="", help="who says so (default: by layout)")
    group.add_argument("--url", default="", help="where the list was found")
    group.add_argument(
        "--usage", default="", choices=USAGES, help="external: to test on, never trained on"
    )
    group.add_argument(
        "--reported-at", help="when the list was known, for rows without a date (default: unknown)"
    )
    group.add_argument("--category", default="", help="category of all rows")
    group.add_argument(
        "--unknown-category", default="", help="category of rows whose own is unknown"
    )


def _add_delisting(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is no longer listed")
    group.add_argument(
        "--previous", type=Path, help="the last import; what is no longer listed gets valid_to"
    )
    group.add_argument("--as-of", help="valid_to of what is no longer listed (default: now, UTC)")
    group.add_argument(
        "--max-delisted-share",
        type=float,
        default=0.2,
        help="stop if a larger share of the last import vanished (default: 0.2)",
    )
    group.add_argument(
        "--history",
        type=Path,
        metavar="CLONE",
        help="git clone with the list: its commits date what was listed and delisted",
    )


def _add_download(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("public lists")
    group.add_argument(
        "--download", choices=SOURCES, metavar="NAME", help="fetch a list of --list-sources"
    )
    group.add_argument(
        "--downloads",
        type=Path,
        default=DOWNLOADS,
        help=f"where fetched files are kept (default: {DOWNLOADS})",
    )
    group.add_argument(
        "--from", dest="offline", type=Path, help="take the file from this folder, not the network"
    )
    group.add_argument("--sha256", default="", help="the checksum that the file has to have")
    group.add_argument(
        "--trust-first-download",
        action="store_true",
        help="take a file without a known checksum, and show the one it has",
    )


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    needed = {"--layout": options.layout, "--in": options.list, "--out": options.out}
    missing = [name for name, value in needed.items() if not value]
    if options.reviews:
        if options.list or options.layout or options.history or options.download:
            parser.error("--reviews brings its own rows: leave out --in, --layout and --download")
        if given := [name for name in _OF_LISTS if _value(options, name)]:
            parser.error(f"--reviews bring their own labels: leave out {', '.join(given)}")
        if not options.out or options.out == options.review_rows:
            parser.error("needs --out" + (" other than --review-rows" if options.out else ""))
    elif options.download:
        if options.list or options.layout or options.history:
            parser.error("--download brings its own list: leave out --in, --layout and --history")
    elif missing:
        parser.error(f"needs {', '.join(missing)}")
    for name, needed_option in _ONLY_WITH.items():
        if _value(options, name) and not _value(options, needed_option):
            parser.error(f"{name} goes with {needed_option} only")
    if options.history and options.previous:
        parser.error("--history knows what was listed before: leave out --previous")


def _value(options: argparse.Namespace, name: str) -> object:
    attribute = "offline" if name == "--from" else name.removeprefix("--").replace("-", "_")
    return getattr(options, attribute)
