"""One row of the LABEL_DATA layout, and the checks a label list has to pass."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from commands.labels.errors import LabelListError

USAGES = ("training", "external")

_FIRST_BLOCK = datetime(2015, 7, 30, tzinfo=UTC)
_US_DATE = "%m/%d/%y"
_TEXT = "%Y-%m-%d %H:%M:%S"
_LAST_SECOND = 253_402_300_799
# What a build reads besides ISO text: digits that are not in pairs, a blank before the offset, UTC
# as a word, and epoch seconds. See parse_iso_timestamp.
_NEARLY_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ Tt](\d{1,2})(:[\d:.]+))?(?: ?(UTC|[Zz]|[+-][\d:]+))?"
)
_EPOCH_SECONDS = re.compile(r"(\d{9,11})(?:\.\d*)?")
# As the rejections of the build, base_labels__address_labels.
_LAST_ENDING = "2100-01-01 00:00:00"


@dataclass(frozen=True, order=True)
class Label:
    """What a source says about an address.

    Times are UTC texts `YYYY-MM-DD HH:MM:SS`, which sort as times do; '' is unknown (`reported_at`)
    or never (`valid_to`). `comment` is the list's own words: the project does not read it.
    """

    address: str
    category: str
    source: str
    reported_at: str = ""
    url: str = ""
    confidence: str = ""
    usage: str = "training"
    valid_to: str = ""
    comment: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What the project tells labels apart by."""
        return self.address, self.category, self.source

    def stands(self, as_of: str) -> bool:
        """Whether the source has not taken it back by then."""
        return not self.valid_to or self.valid_to > as_of


def is_address(text: str) -> bool:
    """Whether it is 0x and 40 lower-case hexadecimal digits."""
    return re.fullmatch("0x[0-9a-f]{40}", text) is not None


def parse_time(text: str, has_us_dates: bool = False) -> str | None:
    """UTC time of ISO text (without an offset: UTC), of epoch seconds or of a US date 7/18/17.

    None if it is unreadable.
    """
    if seconds := _EPOCH_SECONDS.fullmatch(text):
        return utc_text(int(seconds[1]))
    formats = [lambda iso_text: datetime.fromisoformat(_as_iso(iso_text))]
    if has_us_dates:
        formats.append(lambda us_date: datetime.strptime(us_date, _US_DATE))
    for read in formats:
        try:
            time = read(text)
        except ValueError:
            continue
        # An offset can lead out of the years that Python knows.
        if 1 < time.year < 9999:
            return _as_utc(time).strftime(_TEXT)
    return None


def time_problem(time: str) -> str:
    """Why the project would reject a label reported at this time, or '' if it would not."""
    if time < _FIRST_BLOCK.strftime(_TEXT):
        return "date before the first block (2015-07-30)"
    if time > (datetime.now(UTC) + timedelta(days=1)).strftime(_TEXT):
        return "date in the future"
    return ""


def ending_problem(reported_at: str, valid_to: str) -> str:
    """Why a label cannot have ended at a time, or '' if it can. Both may be unknown ('')."""
    if not valid_to:
        return ""
    if valid_to < _FIRST_BLOCK.strftime(_TEXT) or valid_to > _LAST_ENDING:
        return "impossible valid_to, expected 2015-07-30 to 2100-01-01"
    return "valid_to before reported_at" if valid_to < reported_at else ""


def option_time(option: str, text: str | None) -> str:
    """The time given with an option, '' if it is not given.

    Raises LabelListError if it is unreadable or cannot be.
    """
    if not text:
        return ""
    time = parse_time(text)
    if time is None:
        raise LabelListError(
            f"{option} {text} is not a time: write 2024-05-31 or 2024-05-31T12:00Z."
        )
    if problem := time_problem(time):
        raise LabelListError(f"{option} {text}: {problem}.")
    return time


def now() -> str:
    """This second, UTC."""
    return datetime.now(UTC).strftime(_TEXT)


def utc_text(seconds: int) -> str:
    """The time so many seconds after 1970, at most the last one that Python knows."""
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).strftime(_TEXT)


def _as_iso(text: str) -> str:
    parts = _NEARLY_ISO.fullmatch(text)
    if not parts:
        return text
    year, month, day, hour, rest, offset = parts.groups("")
    clock = f"T{hour:0>2}{rest}" if hour else "T00:00"
    return f"{year}-{month:0>2}-{day:0>2}{clock}{'Z' if offset == 'UTC' else offset.upper()}"


def _as_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
