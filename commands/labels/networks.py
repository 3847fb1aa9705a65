"""Which addresses of a list are on Ethereum.

Lists name a currency or a network beside an address. An address that looks like one of Ethereum
may be on Ethereum Classic or another chain, where it can belong to somebody else.
"""

ETHEREUM = {"", "eth", "ethereum", "1", "eip155:1"}

# Issued on several chains. With an address of Ethereum's form they are taken as Ethereum's.
TOKENS = {"dai", "usdc", "usdt", "weth"}

# Chain prefixes of an address (EIP-3770, CAIP-10) that mean Ethereum.
PREFIXES = ("eth:", "eip155:1:")


def without_prefix(address: str) -> str:
    """The lower-case address without a prefix that says Ethereum."""
    address = address.strip().lower()
    for prefix in PREFIXES:
        if address.startswith(prefix):
            return address.removeprefix(prefix)
    return address


def other_network(address: str, network: str) -> str:
    """The network of an address that is not on Ethereum, '' if it is."""
    prefix, colon, rest = address.strip().lower().rpartition(":")
    if colon and rest.startswith("0x") and f"{prefix}:" not in PREFIXES:
        return prefix
    name = network.strip().lower()
    if name in ETHEREUM or (name in TOKENS and address.strip().lower().startswith("0x")):
        return ""
    return name
