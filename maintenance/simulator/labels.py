"""Labels: what lists and explorers say about addresses; late, incomplete and sometimes wrong."""

from dataclasses import dataclass, field

import numpy as np

from maintenance.simulator import timeline
from maintenance.simulator.scams import KINDS, PHISHING, Scams
from maintenance.simulator.world import World

COMMUNITY = "simulated_community_list"
EXPLORER = "simulated_explorer_tags"
PROVIDER = "simulated_wallet_provider"
REGULATOR = "simulated_regulator"
SNAPSHOT = timeline.SPAN + 90 * timeline.DAY  # the lists were read at the end of March 2023
_HONEST_COLLECTORS = ("donation", "raffle", "own_funds", "shared_deposit", "one_off_sale")


@dataclass
class Labels:
    """One row per address × category × source; times in seconds, NaN where NULL."""

    address: list = field(default_factory=list)
    category: list = field(default_factory=list)
    source: list = field(default_factory=list)
    reported_at: list = field(default_factory=list)
    confidence: list = field(default_factory=list)
    usage: list = field(default_factory=list)
    valid_to: list = field(default_factory=list)

    def add(
        self,
        address: np.ndarray,
        category: str | np.ndarray,
        source: str | np.ndarray,
        reported_at: np.ndarray | float,
        confidence: np.ndarray | float,
        usage: str = "training",
        valid_to: np.ndarray | float = np.nan,
    ) -> None:
        """Append labels; scalars hold for all addresses."""
        values = (address, category, source, reported_at, confidence, usage, valid_to)
        for column, value in zip(vars(self).values(), values, strict=True):
            column.append(np.broadcast_to(np.asarray(value), len(address)))

    def finish(self) -> dict[str, np.ndarray]:
        """Return the columns, without labels from after the snapshot."""
        columns = {name: np.concatenate(parts) for name, parts in vars(self).items()}
        keep = ~(columns["reported_at"] > SNAPSHOT)
        return {name: column[keep] for name, column in columns.items()}


def write_labels(world: World, scams: Scams) -> dict[str, np.ndarray]:
    """Return all labels as columns."""
    labels = Labels()
    _report_scams(world, scams, labels)
    _report_wrongly(world, len(scams.ids), labels)
    _name_entities(world, labels)
    _clear_the_honest(world, len(scams.ids), labels)
    return labels.finish()


def _report_scams(world: World, scams: Scams, labels: Labels) -> None:
    rng = world.rng
    count = len(scams.ids)
    # More victims, more reports; a report needs weeks, at times most of a year.
    reported = rng.random(count) < np.clip(0.87 + 0.035 * np.log1p(scams.victims), 0, 0.97)
    delay = rng.lognormal(np.log(16), 1.1, count) * timeline.DAY
    when = scams.start + np.minimum(0.6 * (scams.end - scams.start), 60 * timeline.DAY) + delay
    when = np.where(rng.random(count) < 0.07, np.nan, when)
    category = np.array(KINDS)[scams.kind]
    # The regulator lists few, but in a small sample still enough to evaluate on.
    lottery = rng.random(count)
    external = lottery < max(0.13, np.sort(lottery)[min(110, count // 3)])
    source = rng.choice([COMMUNITY, EXPLORER, PROVIDER], count, p=[0.55, 0.25, 0.2])
    confidence = np.round(rng.uniform(0.6, 1.0, count), 2)

    listed = reported & ~external
    unsaid = listed & (rng.random(count) < 0.3)  # a list that leaves `usage` empty
    for rows, usage in ((listed & ~unsaid, "training"), (unsaid, "")):
        labels.add(
            scams.ids[rows], category[rows], source[rows], when[rows], confidence[rows], usage
        )
    second = listed & (source != EXPLORER) & (rng.random(count) < 0.12)
    later = when[second] + rng.lognormal(np.log(30), 1.0, second.sum()) * timeline.DAY
    labels.add(scams.ids[second], category[second], EXPLORER, later, 0.8)
    official = reported & external
    slow = when[official] + rng.lognormal(np.log(60), 0.7, official.sum()) * timeline.DAY
    labels.add(scams.ids[official], category[official], REGULATOR, slow, 1.0, "external")

    hubs = world.role("scam_hub")
    known = rng.choice(hubs, len(hubs) // 10, replace=False)
    found = np.minimum(timeline.random_times(rng, len(known)) + 90 * timeline.DAY, SNAPSHOT)
    labels.add(known, KINDS[PHISHING], EXPLORER, found, 0.7)


def _report_wrongly(world: World, scam_addresses: int, labels: Labels) -> None:
    """A few honest collectors are reported; half of the mistakes are taken back later."""
    rng = world.rng
    honest = np.concatenate([world.role(name) for name in _HONEST_COLLECTORS])
    wrong = rng.choice(honest, max(4, scam_addresses // 80), replace=False)
    when = timeline.random_times(rng, len(wrong))
    taken_back = np.arange(len(wrong)) % 2 == 0
    delisted = np.where(taken_back, when + rng.uniform(20, 200, len(wrong)) * timeline.DAY, np.nan)
    labels.add(wrong, KINDS[PHISHING], COMMUNITY, when, 0.5, "training", delisted)
    # Two sources contradict each other about one address.
    labels.add(wrong[1:2], "benign", EXPLORER, when[1:2] + 30 * timeline.DAY, 0.6)


def _name_entities(world: World, labels: Labels) -> None:
    rng = world.rng
    exchanges = np.concatenate([world.hot_wallets.ravel(), world.cold_wallets])
    groups = (
        ("exchange", exchanges, 1.0),
        ("mining_pool", world.pools, 1.0),
        ("dex", world.routers, 1.0),
        ("token_contract", world.tokens.ids, 0.6),
        ("bot", world.role("bot"), 0.3),
    )
    for category, members, share in groups:
        named = members[rng.random(len(members)) < share]
        labels.add(named, category, EXPLORER, np.nan, 0.95)


def _clear_the_honest(world: World, scam_addresses: int, labels: Labels) -> None:
    """Addresses that somebody looked at and found harmless."""
    rng = world.rng
    count = max(20, scam_addresses // 2)
    collectors = np.concatenate([world.role(name) for name in _HONEST_COLLECTORS])
    people = np.concatenate([world.wallets.ids, world.role("miner"), world.role("deposit")])
    cleared = np.concatenate(
        [
            rng.choice(collectors, min(count // 2, len(collectors)), replace=False),
            rng.choice(people, min(count // 2, len(people)), replace=False),
        ]
    )
    taken = np.concatenate(labels.address)
    cleared = cleared[~np.isin(cleared, taken)]
    when = timeline.random_times(rng, len(cleared))
    when = np.where(rng.random(len(when)) < 0.3, np.nan, when)
    labels.add(cleared, "benign", PROVIDER, when, np.round(rng.uniform(0.5, 1, len(cleared)), 2))
