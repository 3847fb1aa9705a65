"""Which addresses of a list are on Ethereum.

Lists name a currency or a network beside an address. An address that looks like one of Ethereum
may be on Ethereum Classic or another chain, where it can belong to somebody else.
"""

import re

# Ways to write its main network: names, and its chain id as EIP-155 and CAIP-2 have it.
ETHEREUM = {
    *("", "eth", "ethereum", "mainnet", "ethereum mainnet", "ethereum-mainnet", "eth-mainnet"),
    *("ethereum_mainnet", "eth_mainnet", "homestead", "ethereum network", "ethereum (eth)"),
    *("erc20", "erc-20"),
    *("1", "1.0", "0x1", "0x01", "eip155:1"),
}

# Columns that name the network, or several, in any list. A column `currency` counts where a layout
# names it: elsewhere it may be a token's.
NETWORK_COLUMNS = (
    *("network", "chain", "blockchain", "platform"),
    *("chain_id", "chainid", "chain_name", "chainname"),
    *("network_id", "networkid", "network_name", "networkname"),
    *("networks", "chains", "blockchains", "chain_ids", "chainids"),
)

# Between several networks, and around them or one of them.
_BETWEEN, _AROUND = re.compile("[,;|]"), " []{}'\""

# Issued on several chains. With an address of Ethereum's form they are taken as Ethereum's.
TOKENS = {"dai", "usdc", "usdt", "weth"}


def without_prefix(address: str) -> str:
    """The lower-case address without what says that it is on Ethereum.

    That is a prefix (EIP-3770, CAIP-10) or the chain id behind an address (EIP-681).
    """
    address = address.strip().lower()
    prefix, _, rest = address.rpartition(":")
    return (rest if prefix in ETHEREUM else address).removesuffix("@1")


def other_network(address: str, network: str) -> str:
    """The network of an address that is not on Ethereum, '' if it is.

    `network` may name several, as texts and arrays do: one of them may be Ethereum.
    """
    prefix, colon, rest = address.strip().lower().rpartition(":")
    if colon and rest.startswith("0x") and prefix not in ETHEREUM:
        return prefix
    _, at, chain_id = rest.partition("@")
    if at and rest.startswith("0x") and chain_id != "1":
        return f"chain {chain_id}"
    names = [name.strip(_AROUND) for name in _BETWEEN.split(network.lower())]
    names = [name for name in names if name] or [""]
    if any(name in ETHEREUM or (name in TOKENS and rest.startswith("0x")) for name in names):
        return ""
    return ", ".join(names)
