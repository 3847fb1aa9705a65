"""The replies of explorers, nodes and query services: where their rows are, and what is around."""

from collections.abc import Iterable

# Where replies keep a list of rows.
ENVELOPES = (
    "result",
    "result.rows",
    "result.transactions",
    "result.receipts",
    "result.transfers",
    "transactions",
    "data",
    "data.items",
    "items",
    "rows",
    "records",
    "results",
)

# Where a reply to a question about one thing keeps it.
SINGLE = "result"

# What services put beside their rows, and no row has. Names are compared without underscores.
BESIDE_ROWS = {
    *("jsonrpc", "message", "msg", "errormessage", "executionid"),
    *("cursor", "nextcursor", "next", "nextpage", "nextpageparams", "nextpagetoken", "nexturi"),
    *("page", "pagekey", "pagenumber", "pagesize", "perpage", "currentpage", "nextoffset"),
    *("pagination", "links", "hasmore"),
}

# What stands beside rows and in them.
ANYWHERE = {
    *("id", "status", "code", "success", "ok", "error", "errors", "errorcode"),
    *("total", "count", "limit", "offset", "meta", "metadata"),
}

# What a service puts there if it holds more than a reply has, and objects in which it may stand.
MORE = {
    *("cursor", "nextcursor", "next", "nextpage", "nextpageparams", "nextpagetoken", "nexturi"),
    *("pagekey", "nextoffset", "hasmore"),
}
AROUND_MORE = {"pagination", "links", "meta", "metadata"}

OF_BLOCKS = {"number", "timestamp", "blocknumber", "blocktime", "blocktimestamp", "time"}


def is_reply(keys: Iterable[str]) -> bool:
    """Whether these stand beside rows. If not, they are values of a row that holds a list."""
    names = _plain(keys)
    return bool(names & BESIDE_ROWS) or names <= ANYWHERE


def is_block(keys: Iterable[str]) -> bool:
    """Whether these stand beside the transactions of a block."""
    return bool(_plain(keys) & OF_BLOCKS)


def may_say_more(key: str) -> bool:
    """Whether a key beside rows may say that there are more."""
    return bool(_plain([key]) & (MORE | AROUND_MORE))


def says_more(key: str, value: object) -> bool:
    """Whether its value does."""
    if isinstance(value, dict) and _plain([key]) & AROUND_MORE:
        return any(says_more(inner, each) for inner, each in value.items())
    if isinstance(value, str):
        value = value.strip().lower() not in ("", "null", "none", "false", "0")
    return bool(_plain([key]) & MORE) and bool(value)


def _plain(keys: Iterable[str]) -> set[str]:
    return {key.casefold().replace("_", "") for key in keys}
