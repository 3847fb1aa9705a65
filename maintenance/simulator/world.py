"""The state that all actors share: addresses, the ledgers, and draws used by many of them."""

from dataclasses import dataclass

import numpy as np

from maintenance.simulator.identity import AddressBook
from maintenance.simulator.ledger import EXCHANGE, TRANSFER, WALLET, Ledger
from maintenance.simulator.token_ledger import TokenLedger


@dataclass
class Wallets:
    """Addresses of ordinary people, sorted by `start`; every column has one row per wallet."""

    ids: np.ndarray  # int32 address id
    start: np.ndarray  # seconds, first action
    lifetime: np.ndarray  # seconds over which the actions spread
    zone: np.ndarray  # hours from UTC
    persona: np.ndarray  # int8, see people.PERSONAS
    actions: np.ndarray  # number of own actions
    wealth: np.ndarray  # typical value of a payment, ETH
    exchange: np.ndarray  # int16 exchange it uses


@dataclass
class ContractGroup:
    """Contracts of one kind."""

    ids: np.ndarray
    rows: np.ndarray  # ledger row of each creation; -1 if older than the time span
    is_erc20: np.ndarray
    is_erc721: np.ndarray


class World:
    """Everything under construction during one simulation."""

    def __init__(self, transactions: int, seed: int) -> None:
        """Start an empty world for this many transactions."""
        self.transactions = transactions
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.addresses = AddressBook(seed)
        self.ledger = Ledger(self.rng)
        self.tokens = TokenLedger(self.rng)
        self.address_count = 0
        self.members: dict[str, list[np.ndarray]] = {}
        self.contracts: list[ContractGroup] = []
        self.wallets: Wallets | None = None
        self.hot_wallets: np.ndarray = np.empty((0, 2), dtype=np.int32)  # exchange × 2
        self.exchange_shares: np.ndarray = np.empty(0)
        self.hidden: list[Wallets] = []  # scammers that also act like ordinary people
        self.cold_wallets: np.ndarray = np.empty(0, dtype=np.int32)
        self.pools: np.ndarray = np.empty(0, dtype=np.int32)

    def new(self, count: int, role: str) -> np.ndarray:
        """Give out `count` fresh address ids and remember the role they play."""
        ids = np.arange(self.address_count, self.address_count + count, dtype=np.int32)
        self.address_count += count
        self.members.setdefault(role, []).append(ids)
        return ids

    def role(self, role: str) -> np.ndarray:
        """Return all address ids of a role."""
        return np.concatenate(self.members.get(role, [np.empty(0, dtype=np.int32)]))

    def register_contracts(
        self, ids: np.ndarray, rows: np.ndarray, *, erc20: bool = False, erc721: bool = False
    ) -> None:
        """Note contracts with the ledger rows that created them."""
        count = len(ids)
        self.contracts.append(
            ContractGroup(ids, rows, np.full(count, erc20), np.full(count, erc721))
        )

    def pick_exchange(self, count: int) -> np.ndarray:
        """Draw exchanges by size."""
        return self.rng.choice(len(self.exchange_shares), count, p=self.exchange_shares).astype(
            np.int16
        )

    def hot_wallet(self, exchange: np.ndarray) -> np.ndarray:
        """Draw one of the hot wallets of each exchange."""
        return self.hot_wallets[exchange, self.rng.integers(0, 2, len(exchange))]

    def pick_wallets(self, time: np.ndarray) -> np.ndarray:
        """Draw rows of `wallets` that already exist at each time, newer ones more often."""
        started = np.maximum(np.searchsorted(self.wallets.start, time), 1)
        share = np.where(
            self.rng.random(len(time)) < 0.2,
            self.rng.random(len(time)) ** 4,
            1 - np.minimum(self.rng.exponential(0.12, len(time)), 1),
        )
        return np.minimum((started * share).astype(np.int64), started - 1)

    def withdraw(
        self, time: np.ndarray, recipient: np.ndarray, exchange: np.ndarray, eth: np.ndarray
    ) -> np.ndarray:
        """Pay out from an exchange's hot wallet."""
        return self.ledger.add(time, self.hot_wallet(exchange), recipient, eth, TRANSFER, EXCHANGE)

    def deposit(
        self,
        time: np.ndarray,
        sender: np.ndarray,
        deposit_address: np.ndarray,
        exchange: np.ndarray,
        eth: np.ndarray,
        habit: np.ndarray | int = WALLET,
    ) -> None:
        """Pay into a deposit address, which the exchange soon sweeps into its hot wallet."""
        self.ledger.add(time, sender, deposit_address, eth, TRANSFER, habit)
        wait = 240 + self.rng.lognormal(np.log(1_500), 1.3, len(time))
        kept = 0.000_63 + 0.002 * eth * (self.rng.random(len(time)) < 0.1)  # for the fee
        swept = np.maximum(eth - kept, eth / 2)
        self.ledger.add(
            time + wait, deposit_address, self.hot_wallet(exchange), swept, TRANSFER, EXCHANGE
        )


def ragged(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for groups of these sizes laid end to end, the group and position of each member."""
    owner = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    return owner, np.arange(len(owner)) - np.repeat(ends - counts, counts)


def split(rng: np.random.Generator, owner: np.ndarray, groups: int) -> np.ndarray:
    """Return random shares, one per member, that sum to 1 in each group."""
    weight = rng.exponential(1.0, len(owner)) + 0.05
    return weight / np.bincount(owner, weight, groups)[owner]


def typed(rng: np.random.Generator, eth: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Replace a share of the amounts by the round number a person would type."""
    magnitude = 10.0 ** np.floor(np.log10(np.maximum(eth, 1e-4)))
    steps = np.where(rng.random(len(eth)) < 0.6, 1.0, 2.0)  # 3, or 3.5
    rounded = np.maximum(np.rint(eth / magnitude * steps) / steps, 0.5) * magnitude
    return np.where(rng.random(len(eth)) < share, np.round(rounded, 6), eth)
