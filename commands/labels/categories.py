"""What the words of the lists mean in the project's categories.

Words that people use for categories are in seeds/label_categories.csv, which the project itself
reads. Here are only words of one publisher: names of its lists, hacks and services.
"""

import csv
import re

from commands import PROJECT_DIRECTORY
from commands.labels.errors import LabelListError

SEED = PROJECT_DIRECTORY / "seeds" / "label_categories.csv"

# Category: the words, of Etherscan and of the taxonomy of TagPacks. On Etherscan most families are
# names of services; what is not here and not in the seed is unknown, and the importer asks what to
# do with it.
LIST_WORDS = {
    "phishing": "etherscan_phish_hack_list phish_/_hack",
    "scam": "investment_fraud",
    "ponzi": "ponzi_scheme pyramid_scheme",
    "hack": """
        etherscan_exploit_list etherscan_heist_list
        service_hack upbit_hack cryptopia_hack bitpoint_hack bzx_exploit
    """,
    "mixer": "mixing_service tornado_cash typhoon_cash",
    "sanctioned": "ofac_sanctions_lists sanction sanctions",
    "exchange": """
        binance bitfinex bithumb bitmart bitmax_io bitstamp bittrex coinbit coinone ftx gate_io
        gemini hitbtc hotbit huobi kraken kucoin latoken okex poloniex quadrigacx upbit yunbi
    """,
    "mining_pool": "miningpoolhub",
    "token_contract": "tokens",
    "dex": "defi_dex 0x 0x_ecosystem airswap idex kyber loopring sushiswap tokenlon uniswap",
    "lending": "defi_lending aave aave_v1 aave_v2 bzx compound cream_finance dydx loans maker",
    "defi": """
        balancer bancor curve_fi instadapp mstable pooltogether set_protocol staking synthetix
        yearn_finance yield_farming
    """,
    "contract": "factory_contract logic_contract old_contract proxy_contract smart_contract",
    # Said of tokens and of victims too, so no reason to call an address a scam or a service.
    "other": """
        black_list blocked compromised flagged_by_sec market parity_bug spam_token suspicious
    """,
}


def known_words() -> dict[str, str]:
    """Word, normalised: category of the project.

    A line of the seed outranks the words here. Raises LabelListError if a build could not read back
    a category that a line names.
    """
    # A spreadsheet puts a byte order mark before the header.
    with SEED.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    try:
        seed = {normalised(row["reported_category"]): row["category"].strip() for row in rows}
    except (KeyError, AttributeError):
        raise LabelListError(
            f"{SEED} has lines without reported_category,category,label_kind between commas."
        ) from None
    for category in seed.values():
        if normalised(category) not in seed:
            raise LabelListError(
                f"{SEED.name} has no line for {category} itself, so a build would reject it. Add"
                f" the line {normalised(category)},{category} with its kind."
            )
    of_lists = {word: category for category, texts in LIST_WORDS.items() for word in texts.split()}
    return of_lists | seed


def normalised(word: str) -> str:
    """'Fake ICO' and 'phish-hack' as fake_ico and phish_hack, as the project does."""
    return re.sub("[ -]+", "_", word.strip().lower())
