"""What can stand in the way of a report."""


class ReportError(Exception):
    """No page can be written; the message says why and what to do."""


class NothingToShow(Exception):
    """One part of the page has no rows to show; the message says why and what to run."""


def require(rows: list, what: str, command: str | None = "make build") -> list:
    """Return `rows`; without any raise NothingToShow, which says `what` is missing.

    `command` fills the part. None: the data have nothing to show there.
    """
    if not rows:
        raise NothingToShow(f"{what} To fill this part, run: {command}" if command else what)
    return rows
