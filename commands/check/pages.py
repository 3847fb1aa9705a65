"""Whether the replies of a service in files are all that it has."""

import re
from collections import defaultdict

from commands.check.opening import InputFile, last_reply
from commands.check.replies import may_say_more, says_more


def unfinished(files: list[InputFile]) -> list[str]:
    """A warning for each file, or each series of files, whose last reply says that there is more.

    Files whose names differ in numbers only are a series of pages, any of which may be the last.
    """
    series: dict[str, dict[InputFile, str]] = defaultdict(dict)
    for file in files:
        series[re.sub(r"\d+", "0", str(file.path))][file] = _key_of_more(file)
    return [_warning(keys) for keys in series.values() if all(keys.values())]


def _key_of_more(file: InputFile) -> str:
    """The key with which the last reply of a file says that there is more, '' if it does not."""
    parents = file.rows_at.split(".")
    paths = [
        ".".join([*parents[:depth], key])
        for depth, keys in enumerate(file.beside)
        for key in keys
        if may_say_more(key)
    ]
    if not paths:
        return ""
    keys = [path.rpartition(".")[2] for path in paths]
    values = zip(keys, last_reply(file, paths), strict=True)
    return next((key for key, value in values if says_more(key, value)), "")


def _warning(keys: dict[InputFile, str]) -> str:
    *others, (file, key) = keys.items()
    also = f" and so does each of {len(others)} more files with such a name," if others else ""
    return (
        f"{file.path} says that there is more than it holds (`{key}`),{also} so rows are missing."
        " Get the other pages too, or take the key out if you have them."
    )
