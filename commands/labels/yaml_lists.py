"""Lists in YAML whose items are sites with the addresses they use, as EtherScamDB keeps them."""

from collections.abc import Iterator

from commands.labels.entry import Entry, LabelList
from commands.labels.yaml_texts import Mapping, YamlError, documents

# Names of the key with the addresses, in any case.
ADDRESSES = ("addresses", "address")


def read_sites(text: str) -> LabelList | None:
    """A row per address of an item; None if the text is something else.

    An item without addresses gives no row. Most sites have none.
    """
    try:
        found = documents(text)
    except YamlError:
        return None
    items = found[0] if len(found) == 1 else None
    if not isinstance(items, list) or not any(_has_addresses(item) for item in items):
        return None
    entries = [
        entry
        for number, item in enumerate(items, start=1)
        if not isinstance(item, Mapping) or _has_addresses(item)
        for entry in _entries(f"item {number}", item)
    ]
    columns = {column: None for entry in entries for column in entry.row}
    return LabelList(list(columns), entries)


def _has_addresses(item: object) -> bool:
    return isinstance(item, Mapping) and any(key.casefold() in ADDRESSES for key in item)


def _entries(place: str, item: object) -> Iterator[Entry]:
    if not isinstance(item, Mapping):
        yield Entry(place, {"row": str(item)[:300]}, "not a site")
        return
    keys = [key for key in item if key.casefold() in ADDRESSES]
    row = {
        name: value for name, value in item.items() if isinstance(value, str) and name not in keys
    }
    problem = f"{item.twice} stands twice in it" if item.twice else ""
    for network, address in [found for key in keys for found in _networks(item[key])]:
        if isinstance(address, str):
            yield Entry(place, row | {"address": address, "network": network}, problem)
        else:
            yield Entry(place, row, "an address is not text")


def _networks(addresses: object) -> Iterator[tuple[str, object]]:
    """Addresses with their network, which stands before them if they are on several."""
    if isinstance(addresses, Mapping):
        for network, inner in addresses.items():
            yield from ((network, address) for _, address in _networks(inner))
    else:
        yield from (
            ("", a) for a in (addresses if isinstance(addresses, list) else [addresses]) if a
        )
