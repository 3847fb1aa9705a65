"""What to run for a part that needs labels of scams."""

from commands.report.errors import NothingToShow, require
from commands.report.marts import Marts

SCAM_LABELS = """
select count(*) as labels
from {marts}.address_labels
where label_kind = 'scam' and usage = 'training'
"""


def require_scams(marts: Marts, rows: list, what: str) -> list:
    """Return `rows`; without any raise NothingToShow, which says so if no scam label can train."""
    if rows:
        return rows
    [found] = marts.rows(SCAM_LABELS)
    if not found["labels"]:
        place = "the var label_table" if marts.engine == "BigQuery" else "LABEL_DATA"
        raise NothingToShow(
            f"{what} No label with usage training names a scam. To fill this part, name labels in"
            f" {place} and run: make build"
        )
    return require(rows, what)
