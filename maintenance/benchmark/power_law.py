"""Transactions of a size that the simulator has no memory for, made by DuckDB.

`python -m maintenance.benchmark.power_law --transactions 100000000 --out DIR`, then
`python -m maintenance.benchmark --data DIR`. How often an address deals follows a power law, as on
the chain. Nothing else does: who deals with whom, when and for how much is by lot.
"""

import argparse
import time
from pathlib import Path

import duckdb

# The first x of A addresses are (x / A) ** (1 / SKEW) of all sides. With these two, 0.35 addresses
# occur per transaction, as in the simulator.
SKEW = 3
ADDRESSES_PER_TRANSACTION = 0.37

TRANSACTIONS = f"""
with

drawn as (

    select
        range as number,
        hash(range, 'from') / 18446744073709551616 as from_lot,
        hash(range, 'to') / 18446744073709551616 as to_lot,
        hash(range, 'value') / 18446744073709551616 as value_lot
    from range($transactions)

),

numbered as (

    select
        *,
        floor({ADDRESSES_PER_TRANSACTION} * $transactions * from_lot ** {SKEW})::bigint as sender,
        floor({ADDRESSES_PER_TRANSACTION} * $transactions * to_lot ** {SKEW})::bigint as recipient
    from drawn

)

select
    '0x' || md5(number::varchar) || md5('transaction' || number) as hash,
    (number % 200)::bigint as transaction_index,
    '0x' || md5('address' || sender) || left(md5(sender::varchar), 8) as from_address,
    '0x' || md5('address' || recipient) || left(md5(recipient::varchar), 8) as to_address,
    case when value_lot < 0.2 then 0 else round(exp(10 * value_lot) * 1e15) end
        ::decimal(38, 0) as value,
    21000::bigint as gas,
    20000000000::bigint as gas_price,
    21000::bigint as receipt_gas_used,
    1::bigint as receipt_status,
    timestamp '2017-01-01' + to_seconds((number / $transactions * 6 * 365 * 86400)::bigint)
        as block_timestamp,
    (3000000 + number // 200)::bigint as block_number
from numbered
"""


def main() -> None:
    """Write `transactions.parquet` into a directory."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.benchmark.power_law", description=__doc__
    )
    parser.add_argument(
        "--transactions", type=int, default=100_000_000, help="how many (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, required=True, help="directory for the file")
    options = parser.parse_args()
    started = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"preserve_insertion_order": "false"})
    query = TRANSACTIONS.replace("$transactions", str(options.transactions))
    path = options.out / "transactions.parquet"
    connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    print(f"{options.transactions:,} transactions in {time.monotonic() - started:.1f} s: {path}")


if __name__ == "__main__":
    main()
