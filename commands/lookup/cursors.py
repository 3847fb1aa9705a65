"""Cursors of paged answers: opaque to a client, and stable when newer rows come."""

import base64
import binascii
import math
from datetime import datetime
from typing import Any

import orjson

from commands.lookup.problems import Problem


def to_cursor(of: str, *values: Any) -> str:
    """Return values of the list `of` as a text that a client gives back."""
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    texts.insert(0, of)
    return base64.urlsafe_b64encode(orjson.dumps(texts)).decode().rstrip("=")


def from_cursor(text: str, of: str, *types: type) -> list[Any]:
    """Return the values of a cursor.

    Raises Problem if this service did not write it, or wrote it for another list than `of`.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(types) + 1:
            raise ValueError("another number of values")
        if values.pop(0) != of:
            raise ValueError("another list")
        return [_as(kind, value) for kind, value in zip(types, values, strict=True)]
    except (ValueError, UnicodeEncodeError, binascii.Error) as error:
        raise Problem(
            422,
            "bad_cursor",
            "The cursor is not one of this list in this order. Start without it, and give"
            " next_cursor back as it is.",
        ) from error


def _as(kind: type, value: Any) -> Any:
    if kind is datetime:
        value = datetime.fromisoformat(value) if isinstance(value, str) else None
        is_right = value is not None and value.tzinfo is None
    else:
        is_right = type(value) is kind and (kind is not int or abs(value) < 2**62)
        is_right = is_right and (kind is not float or math.isfinite(value))
    if not is_right:
        raise ValueError(f"not {kind.__name__}")
    return value
