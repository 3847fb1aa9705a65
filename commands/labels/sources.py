"""Public lists that are known: what they hold, in which layout, under which licence, and where.

A list with a checksum is pinned: the file of one commit, and no other. The checksums were computed
from the text of that commit. Where nobody has computed one there is none, and a download asks for
it. A list without an address cannot be downloaded. `how` says how you get it.
"""

from dataclasses import dataclass

_GITHUB = "https://raw.githubusercontent.com"
_TAG_PACKS = f"{_GITHUB}/graphsense/graphsense-tagpacks"
NO_LICENCE = "none found: import it, do not publish it"


@dataclass(frozen=True)
class Source:
    """A public list, and the options its import needs."""

    name: str
    about: str
    layout: str
    licence: str
    url: str = ""
    size: int = 0
    sha256: str = ""
    how: str = ""
    source: str = ""
    category: str = ""
    unknown_category: str = ""
    usage: str = "training"

    @property
    def file_name(self) -> str:
        """The name of the file, as its publisher gave it, '' if there is none."""
        return self.url.rpartition("/")[2]

    @property
    def size_text(self) -> str:
        """Its size for people."""
        if not self.size:
            return "size unknown"
        return f"{self.size:,} bytes" if self.sha256 else f"about {self.size:,} bytes"


_SOURCES = (
    Source(
        name="forta_phishing",
        about="phishing addresses from Etherscan's tags, collected by Forta",
        layout="forta_phishing",
        licence="MIT",
        url=f"{_GITHUB}/forta-network/labelled-datasets/701b831a575013cabf4effb80f07018894e14418"
        "/labels/1/phishing_scams.csv",
        size=525_163,
    ),
    Source(
        name="forta_malicious",
        about="Etherscan's phishing, exploit and heist lists, collected by Forta",
        layout="forta_malicious",
        licence="MIT",
        url=f"{_GITHUB}/forta-network/labelled-datasets/40a9c2f2bd7e9ddfdd0f3540db589f0288e1e88a"
        "/labels/1/etherscan_malicious_labels.csv",
        size=678_922,
    ),
    Source(
        name="mew_darklist",
        about="MyEtherWallet's darklist, with comments and dates",
        layout="mew_darklist",
        licence="MIT",
        url=f"{_GITHUB}/MyEtherWallet/ethereum-lists/0564f0e163702e548f6c2eeb7ae6a3b0c3fe8188"
        "/src/addresses/addresses-darklist.json",
        size=93_908,
    ),
    Source(
        name="scamsniffer",
        about="drainers' addresses of ScamSniffer, an early version",
        layout="json_array",
        licence=NO_LICENCE,
        url=f"{_GITHUB}/scamsniffer/scam-database/0039b74c70b7d50d5f2cd30756109be995935ab0"
        "/blacklist/address.json",
        size=15_938,
        source="scamsniffer",
        category="phishing",
    ),
    Source(
        name="etherscamdb",
        about="EtherScamDB's sites and their addresses. A clone of it gives the dates too",
        layout="etherscamdb",
        licence="MIT",
        url=f"{_GITHUB}/MrLuit/EtherScamDB/0044821b38e861ceed754f059b26f245674408a0"
        "/_data/scams.yaml",
        size=548_289,
    ),
    Source(
        name="etherscamdb_tagpack",
        about="EtherScamDB as a TagPack, with addresses of other networks",
        layout="graphsense_tagpack",
        licence="MIT",
        url=f"{_TAG_PACKS}/3685f7839a4eaa8673ec31be8a0844535682b779/packs/etherscamdb_tagpack.yaml",
        size=409_065,
    ),
    Source(
        name="defi_fraud_tagpack",
        about="fraudulent addresses of a thesis on DeFi: phishing, hacks, scams, Ponzi schemes",
        layout="graphsense_tagpack",
        licence="MIT",
        url=f"{_TAG_PACKS}/37be877d31464edefd4e48722cc7102a941c1883"
        "/packs/defi-fraud-masterthesis.yaml",
        size=1_635_399,
        unknown_category="other",
    ),
    Source(
        name="ronin_bridge_tagpack",
        about="the six addresses of the hack of the Ronin bridge",
        layout="graphsense_tagpack",
        licence="MIT",
        url=f"{_TAG_PACKS}/5868efea9872ad995c714dda55da322b45c9562e/packs/ronin_bridge.yaml",
        size=830,
        sha256="f42ebf65c931a768de36c543c3556a75b060db6ad49b1c34f36deb3a5a2ad58c",
    ),
    Source(
        name="tornado_cash_tagpack",
        about="the contracts of the mixer Tornado Cash",
        layout="graphsense_tagpack",
        licence="MIT",
        url=f"{_TAG_PACKS}/6a464cb0692117b0f88185fb4f7ff4a0b1eca618/packs/tornado_cash.yaml",
        size=2_518,
        sha256="b76e2c84a088cc856573d22a85738383ada06021e593af1cfc51d482e05824b0",
    ),
    Source(
        name="etherscan_labels",
        about="scrape of Etherscan's labels: exchanges, pools, bridges, tokens, phishing",
        layout="explorer_labels",
        licence="MIT",
        url=f"{_GITHUB}/brianleect/etherscan-labels/03eee3ecec1150368b03ca4cd548cc707631e192"
        "/combined/combinedLabels.json",
        size=3_465_847,
        source="etherscan_labels",
        unknown_category="other",
    ),
    Source(
        name="ofac_addresses",
        about="OFAC's sanctioned Ethereum addresses, extracted. Tornado Cash is still on it",
        layout="ofac",
        licence="MIT",
        url=f"{_GITHUB}/0xB10C/ofac-sanctioned-digital-currency-addresses"
        "/0650c71e7a7561dd0f97bdda49110eb56b59a7fa/sanctioned_addresses_ETH.txt",
        size=6_321,
        sha256="57bbfa6912d8342b926ad1b67548f0a869b9ae1a134c8c9ce361df8ed160be73",
    ),
    Source(
        name="ofac_sdn",
        about="OFAC's sanctions list as published today, long remarks cut off. No checksum fits"
        " for long",
        layout="ofac_sdn_csv",
        licence="public, a work of the US government",
        url="https://www.treasury.gov/ofac/downloads/sdn.csv",
    ),
    Source(
        name="dfpi_crypto_scam_tracker",
        about="complaints of consumers, published by California's DFPI: a list to test on",
        layout="address_lines",
        licence=NO_LICENCE,
        how="It has no file. Put the addresses of https://dfpi.ca.gov/crypto-scams/ one a line.",
        source="dfpi_crypto_scam_tracker",
        category="scam",
        usage="external",
    ),
)

SOURCES = {source.name: source for source in _SOURCES}


def described() -> str:
    """What there is, for people."""
    return "\n".join(
        f"{source.name}\n"
        f"    {source.about}\n"
        f"    --layout {source.layout}, category: {source.category or 'by layout'},"
        f" usage: {source.usage}\n"
        f"    licence: {source.licence}\n"
        f"    {_place(source)}"
        for source in SOURCES.values()
    )


def _place(source: Source) -> str:
    if not source.url:
        return source.how
    checksum = f"sha256 {source.sha256}" if source.sha256 else "no checksum known"
    return f"{source.url}\n    {source.size_text}, {checksum}"
