"""The measures of two states as a Markdown table."""

from maintenance.structure import places
from maintenance.structure.measures import measures
from maintenance.structure.project import Project, first_committed


def comparison(before: Project, now: Project, revision: str) -> str:
    """Table of all measures; `revision` is the git revision of the state before."""
    header = ["measure", f"before ({revision})", "now", "aim"]
    newest = newest_feature(before, now, revision)
    return markdown(header, [measure.row(before, now) for measure in measures(newest)])


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def newest_feature(before: Project, now: Project, revision: str) -> str | None:
    """The feature of the catalogue that came last, None if none came since the state before.

    A feature not committed yet is the newest. Of several, the last of the catalogue is taken.
    """
    new = places.new_features(places.catalogue_features(now.manifest), before.files)
    times = {
        feature: first_committed(f"['\"]{feature}['\"]", "macros", revision) or float("inf")
        for feature in new
    }
    return max(reversed(new), key=times.get, default=None)
