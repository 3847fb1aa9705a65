"""The layouts of label lists that are known: one entry each.

To add a layout, say which of the list's columns holds what.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from commands.labels.networks import NETWORK_COLUMNS

Columns = tuple[str, ...]


class Format(Enum):
    """How the rows of a list are written."""

    CSV = "CSV with a header"
    TABLE = "CSV with a header or JSON array of objects"
    JSON = "JSON array of objects"
    JSON_TEXTS = "JSON array of texts"
    JSON_ADDRESSES = "JSON object with an address a key"
    LINES = "one address a line"
    TAG_PACK = "YAML TagPack"
    YAML_SITES = "YAML list of sites with addresses"
    SDN = "OFAC's CSV without a header"


@dataclass(frozen=True)
class Layout:
    """Where a list keeps what a label needs.

    `columns` maps a field of a label to the list's columns. Of several columns for `category` the
    first with a known word decides, and each known word in it is a label of its own. Those for
    `comment` are joined. A list without a category column gets `category`, one without a source
    column `source`. '' means that the option of that name has to be given.
    `optional` are columns that may be absent. In every list a column of NETWORK_COLUMNS tells
    rows of other networks. With `has_us_dates` dates such as 7/18/17 begin with the month; other
    lists may mean something else by them, so there they are unreadable.
    """

    name: str
    about: str
    columns: dict[str, Columns]
    format: Format = Format.CSV
    category: str = ""
    source: str = ""
    optional: dict[str, Columns] = field(default_factory=dict)
    has_us_dates: bool = False

    @property
    def address_column(self) -> str:
        """The column with the address."""
        return self.columns["address"][0]

    @property
    def known_columns(self) -> list[str]:
        """Columns that a label is made of, or that tell whether there is one."""
        columns = (name for names in (self.columns | self.optional).values() for name in names)
        return list(dict.fromkeys([*columns, *NETWORK_COLUMNS]))

    def not_read(self, columns: Iterable[str]) -> list[str]:
        """Those of a list's columns that are none of these."""
        known = set(self.known_columns)
        return [column for column in dict.fromkeys(columns) if column not in known]

    @property
    def required_columns(self) -> list[str]:
        """Columns without which it is another layout."""
        columns = (column for columns in self.columns.values() for column in columns)
        return list(dict.fromkeys(columns))


_LAYOUTS = (
    Layout(
        name="forta_phishing",
        about="Forta, phishing_scams: Etherscan's phishing tags",
        columns={
            "address": ("address",),
            "category": ("etherscan_labels",),
            "comment": ("etherscan_tag",),
        },
        source="forta_phishing_scams",
    ),
    Layout(
        name="forta_malicious",
        about="Forta, etherscan_malicious_labels: Etherscan's phishing, exploit and heist lists",
        columns={
            "address": ("banned_address",),
            "category": ("data_source",),
            "comment": ("wallet_tag",),
        },
        source="forta_etherscan_malicious_labels",
    ),
    Layout(
        name="mew_darklist",
        about="MyEtherWallet, addresses-darklist: dates and comments, no category",
        columns={"address": ("address",), "comment": ("comment",), "reported_at": ("date",)},
        format=Format.JSON,
        category="scam",
        source="mew_darklist",
        has_us_dates=True,
    ),
    Layout(
        name="ofac",
        about="OFAC SDN, Ethereum addresses: sanctioned, which is not the same as a scam",
        columns={"address": ("address",)},
        format=Format.LINES,
        category="sanctioned",
        source="ofac_sdn",
    ),
    Layout(
        name="ofac_sdn_csv",
        about="OFAC's sdn.csv as published: addresses in the remarks, other networks are counted",
        columns={"address": ("address",), "network": ("currency",), "comment": ("name", "program")},
        format=Format.SDN,
        category="sanctioned",
        source="ofac_sdn",
    ),
    Layout(
        name="etherscan_tags",
        about="Etherscan name tags: services, tokens and scams",
        columns={
            "address": ("address",),
            "category": ("family", "type"),
            "comment": ("name", "family"),
        },
        source="etherscan_tags",
    ),
    Layout(
        name="explorer_labels",
        about="scrapes of an explorer: address to name and labels, each known label counts",
        columns={"address": ("address",), "category": ("labels",), "comment": ("name", "labels")},
        format=Format.JSON_ADDRESSES,
        source="explorer_labels",
    ),
    Layout(
        name="graphsense_tagpack",
        about="GraphSense TagPack, or a folder of them: header values hold for all tags",
        columns={"address": ("address",)},
        format=Format.TAG_PACK,
        optional={
            "category": ("abuse", "category", "concepts"),
            "source": ("creator",),
            "reported_at": ("lastmod",),
            "url": ("source",),
            "confidence": ("confidence",),
            "comment": ("label",),
            "network": ("network", "currency"),
            "usage": ("usage",),
            "valid_to": ("valid_to",),
        },
    ),
    Layout(
        name="etherscamdb",
        about="EtherScamDB, scams.yaml: sites with their addresses. Its history has the dates",
        columns={"address": ("address",), "category": ("category",)},
        format=Format.YAML_SITES,
        source="etherscamdb",
        optional={
            "network": ("network", "coin"),
            "url": ("url",),
            "comment": ("name", "subcategory"),
        },
    ),
    Layout(
        name="etdg",
        about="ETDG, malicious addresses and their categories",
        columns={"address": ("address",), "category": ("category",)},
        source="etdg",
    ),
    Layout(
        name="listing_dates",
        about="a list with the dates of its history, needs --source: first_listed_at, removed_at",
        columns={
            "address": ("address",),
            "category": ("category",),
            "reported_at": ("first_listed_at",),
        },
        optional={"valid_to": ("removed_at",), "comment": ("subcategory",)},
    ),
    Layout(
        name="address_lines",
        about="any list of one address a line; needs --category and --source",
        columns={"address": ("address",)},
        format=Format.LINES,
    ),
    Layout(
        name="json_array",
        about="any JSON array of addresses, needs --category and --source",
        columns={"address": ("address",)},
        format=Format.JSON_TEXTS,
    ),
    Layout(
        name="label_data",
        about="your own labels in the columns of LABEL_DATA: checked, and delisted by --previous",
        columns={name: (name,) for name in ("address", "category", "source", "reported_at")},
        format=Format.TABLE,
        optional={name: (name,) for name in ("url", "confidence", "usage", "valid_to", "comment")},
    ),
)

LAYOUTS = {layout.name: layout for layout in _LAYOUTS}


def described() -> str:
    """What there is, for people."""
    return "\n".join(
        f"{layout.name}\n    {layout.about}\n"
        f"    {layout.format.value}: {', '.join(layout.required_columns)}"
        + (f" (may be absent: {', '.join(layout.optional)})" if layout.optional else "")
        for layout in LAYOUTS.values()
    )
