"""Command line: `python -m maintenance.simulator --transactions 200000 --seed 1 --out DIR`."""

import argparse
import time
from pathlib import Path

from maintenance.simulator.simulation import simulate
from maintenance.simulator.writer import write


def main(arguments: list[str] | None = None) -> None:
    """Simulate a chain and write its tables; `arguments` default to those of the process."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.simulator", description=__doc__)
    parser.add_argument("--transactions", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="directory for the files")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--prefix", default="", help="put before each file name")
    options = parser.parse_args(arguments)

    started = time.monotonic()
    simulation = simulate(options.transactions, options.seed)
    write(simulation, options.out, options.format, options.prefix)
    print(
        f"{len(simulation.transactions):,} simulated transactions and "
        f"{len(simulation.token_transfers):,} token transfers written to {options.out} "
        f"in {time.monotonic() - started:.1f} s"
    )


if __name__ == "__main__":
    main()
