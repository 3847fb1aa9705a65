"""The simulated chain as Arrow tables with the columns of the public crypto_ethereum tables."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from maintenance.simulator import ledger, timeline
from maintenance.simulator.identity import hex_text, pseudo_random_bytes
from maintenance.simulator.simulation import Simulation, chunks
from maintenance.simulator.token_ledger import amount_text

WEI = pa.decimal128(38, 0)
TIME = pa.timestamp("us")


def all_tables(simulation: Simulation) -> dict[str, Iterator[pa.Table]]:
    """Return, by table name, the chunks of each table."""
    return {
        "transactions": transactions(simulation),
        "token_transfers": token_transfers(simulation),
        "balances": balances(simulation),
        "contracts": contracts(simulation),
        "tokens": tokens(simulation),
        "blocks": blocks(simulation),
        "labels": labels(simulation),
    }


def transactions(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield transactions in chain order."""
    chain, book = simulation.transactions, simulation.world.addresses
    for number, rows in chunks(len(chain)):
        gas = simulation.market.charge(simulation.seed, number, chain, rows)
        is_creation = chain.kind[rows] == ledger.CREATION
        recipient = book.text(chain.recipient[rows])
        ids = np.arange(rows.start, rows.stop)
        yield pa.table(
            {
                "hash": _hashes(simulation, ids),
                "nonce": _integers(chain.nonce[rows]),
                "transaction_index": _integers(chain.index[rows]),
                "from_address": book.text(chain.sender[rows]),
                "to_address": _null_where(recipient, is_creation),
                "value": wei_array(chain.gwei[rows], chain.wei[rows]),
                "gas": _integers(gas.limit),
                "gas_price": _integers(gas.price),
                "max_fee_per_gas": _integers(gas.max_fee, gas.max_fee < 0),
                "max_priority_fee_per_gas": _integers(
                    gas.max_priority_fee, gas.max_priority_fee < 0
                ),
                "transaction_type": _integers(np.where(gas.is_dynamic, 2, 0)),
                "receipt_gas_used": _integers(gas.used),
                "receipt_contract_address": _null_where(recipient, ~is_creation),
                "receipt_status": _integers(
                    ~chain.failed[rows], chain.block[rows] < timeline.BYZANTIUM_BLOCK
                ),
                "receipt_effective_gas_price": _integers(gas.price),
                "block_timestamp": _times(chain.timestamp[rows]),
                "block_number": _integers(chain.block[rows]),
            }
        )


def token_transfers(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield token transfers in chain order."""
    moves, chain = simulation.token_transfers, simulation.transactions
    book = simulation.world.addresses
    for _, rows in chunks(len(moves)):
        parent = moves.transaction[rows]
        yield pa.table(
            {
                "token_address": book.text(moves.token[rows]),
                "from_address": book.text(moves.sender[rows]),
                "to_address": book.text(moves.recipient[rows]),
                "value": amount_text(simulation.seed, moves, rows),
                "transaction_hash": _hashes(simulation, parent),
                "log_index": _integers(moves.log_index[rows]),
                "block_timestamp": _times(chain.timestamp[parent]),
                "block_number": _integers(chain.block[parent]),
            }
        )


def balances(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield the balance of every address that appears anywhere, in order of address."""
    chain, moves = simulation.transactions, simulation.token_transfers
    seen = np.zeros(simulation.world.address_count, dtype=bool)
    for ids in (chain.sender, chain.recipient, moves.sender, moves.recipient):
        seen[ids] = True
    seen[simulation.balances.gwei > 0] = True
    ids = np.flatnonzero(seen)
    raw = simulation.world.addresses.raw(ids)
    ids = ids[np.argsort(np.ascontiguousarray(raw[:, :8]).view(">u8")[:, 0], kind="stable")]
    del raw
    for _, rows in chunks(len(ids)):
        members = ids[rows]
        yield pa.table(
            {
                "address": simulation.world.addresses.text(members),
                "eth_balance": wei_array(
                    simulation.balances.gwei[members], simulation.balances.wei[members]
                ),
            }
        )


def contracts(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield contracts in order of creation."""
    groups = simulation.world.contracts
    ids = np.concatenate([group.ids for group in groups])
    is_erc20 = np.concatenate([group.is_erc20 for group in groups])
    is_erc721 = np.concatenate([group.is_erc721 for group in groups])
    block, timestamp, exists = _creation(simulation, ids)
    order = np.flatnonzero(exists)
    order = order[np.lexsort((ids[order], block[order]))]
    for _, rows in chunks(len(order)):
        part = order[rows]
        yield pa.table(
            {
                "address": simulation.world.addresses.text(ids[part]),
                "is_erc20": pa.array(is_erc20[part]),
                "is_erc721": pa.array(is_erc721[part]),
                "block_timestamp": _times(timestamp[part]),
                "block_number": _integers(block[part]),
            }
        )


def tokens(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield fungible tokens and ERC-721 collections."""
    market = simulation.world.tokens
    fungible, collections = len(market.ids), len(market.collections)
    ids = np.concatenate([market.ids, market.collections])
    names = [f"SIM{n}" for n in range(fungible)] + [f"SIMNFT{n}" for n in range(collections)]
    titles = [f"Simulated Token {n}" for n in range(fungible)]
    titles += [f"Simulated Collection {n}" for n in range(collections)]
    decimals = [str(number) for number in market.decimals] + [None] * collections
    supply = [str((n % 9 + 1) * 10 ** (8 + int(d))) for n, d in enumerate(market.decimals)]
    supply += ["10000"] * collections
    block, timestamp, exists = _creation(simulation, ids)
    table = pa.table(
        {
            "address": simulation.world.addresses.text(ids),
            "symbol": pa.array(names, pa.string()),
            "name": pa.array(titles, pa.string()),
            "decimals": pa.array(decimals, pa.string()),
            "total_supply": pa.array(supply, pa.string()),
            "block_timestamp": _times(timestamp),
            "block_number": _integers(block),
        }
    )
    yield table.filter(pa.array(exists))


def blocks(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield the blocks that hold at least one simulated transaction."""
    chain = simulation.transactions
    first = np.flatnonzero(np.concatenate([[True], chain.block[1:] != chain.block[:-1]]))
    used = np.empty(len(chain), dtype=np.int64)
    for number, rows in chunks(len(chain)):
        used[rows] = simulation.market.charge(simulation.seed, number, chain, rows).used
    gas_used = np.add.reduceat(used, first)
    size = np.diff(np.append(first, len(chain)))
    for _, rows in chunks(len(first)):
        block, timestamp = chain.block[first[rows]], chain.timestamp[first[rows]]
        base_fee = simulation.market.base_fee(block, timestamp)
        limit = np.interp(block, [2_900_000, 4_700_000, 9_300_000, 12_300_000], [4.7, 8, 10, 15])
        limit = np.where(block >= timeline.LONDON_BLOCK, 30, limit) * 1e6
        yield pa.table(
            {
                "number": _integers(block),
                "timestamp": _times(timestamp),
                "miner": simulation.world.addresses.text(simulation.miner(block)),
                "gas_limit": _integers(np.maximum(limit.astype(np.int64), gas_used[rows])),
                "gas_used": _integers(gas_used[rows]),
                "base_fee_per_gas": _integers(base_fee, block < timeline.LONDON_BLOCK),
                "transaction_count": _integers(size[rows]),
            }
        )


def labels(simulation: Simulation) -> Iterator[pa.Table]:
    """Yield the labels in order of address, category and source."""
    columns = simulation.labels
    table = pa.table(
        {
            "address": simulation.world.addresses.text(columns["address"]),
            "category": pa.array(columns["category"].astype(str)),
            "source": pa.array(columns["source"].astype(str)),
            "reported_at": _optional_times(columns["reported_at"]),
            "url": pa.array(_links(columns["source"]), pa.string()),
            "confidence": pa.array(columns["confidence"]),
            "usage": pa.array([text or None for text in columns["usage"]], pa.string()),
            "valid_to": _optional_times(columns["valid_to"]),
        }
    )
    yield table.sort_by([(name, "ascending") for name in ("address", "category", "source")])


def wei_array(gwei: np.ndarray, wei: np.ndarray) -> pa.Array:
    """Return gwei × 10^9 + wei as decimal(38,0), from its two 64-bit halves."""
    mask, bits = np.uint64(0xFFFFFFFF), np.uint64(32)
    gwei, scale = np.asarray(gwei, dtype=np.int64).view(np.uint64), np.uint64(ledger.GWEI)
    low = (gwei & mask) * scale
    high = (gwei >> bits) * scale + (low >> bits)
    words = np.empty((len(gwei), 2), dtype=np.uint64)
    words[:, 0] = ((high & mask) << bits) | (low & mask)
    words[:, 1] = high >> bits
    total = words[:, 0] + wei.astype(np.uint64)
    words[:, 1] += total < words[:, 0]
    words[:, 0] = total
    return pa.Array.from_buffers(WEI, len(gwei), [None, pa.py_buffer(words.ravel())])


def _creation(simulation: Simulation, ids: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return block, unix time and existence of contracts; the oldest predate the span."""
    chain = simulation.transactions
    registered = np.concatenate([group.ids for group in simulation.world.contracts])
    order = np.argsort(registered)
    row = simulation.contract_rows[order][np.searchsorted(registered[order], ids)]
    old = 1_900_000 + ids.astype(np.int64) * 1_000 % 900_000
    block = np.where(row >= 0, chain.block[np.maximum(row, 0)], old)
    return block, timeline.block_timestamp(block), row != -1


def _links(sources: np.ndarray) -> list[str | None]:
    return [
        None if number % 3 == 0 else f"https://labels.example/{source}/{number}"
        for number, source in enumerate(sources)
    ]


def _hashes(simulation: Simulation, rows: np.ndarray) -> pa.Array:
    return hex_text(pseudo_random_bytes(simulation.seed, "transaction", rows, 32))


def _null_where(text: pa.Array, mask: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(mask), pa.scalar(None, pa.string()), text)


def _integers(values: np.ndarray, null: np.ndarray | None = None) -> pa.Array:
    return pa.array(np.asarray(values).astype(np.int64), pa.int64(), mask=null)


def _times(unix: np.ndarray) -> pa.Array:
    return pa.array(np.asarray(unix, dtype=np.int64) * 1_000_000, pa.int64()).cast(TIME)


def _optional_times(seconds: np.ndarray) -> pa.Array:
    missing = np.isnan(seconds)
    unix = np.where(missing, 0, seconds).astype(np.int64) + timeline.EPOCH
    return pa.array(unix * 1_000_000, pa.int64(), mask=missing).cast(TIME)
