"""The queue as CSV, for a spreadsheet or another system."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

COLUMNS = (
    *("alert_rank", "address", "tier", "state", "scam_probability", "score", "reasons"),
    *("reason_codes", "evidence_transactions", "run_id", "scored_at"),
)


def csv_lines(alerts: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of alerts as the API gives them, with a header. Times are UTC."""
    yield _line(COLUMNS)
    for alert in alerts:
        yield _line([_text(alert[name]) for name in COLUMNS])


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value


def _line(values: Any) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(values)
    return file.getvalue()
