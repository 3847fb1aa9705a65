"""Write a simulated chain: `python -m maintenance.simulator --seed 1 --out DIR`."""

import argparse
import re
import time
from pathlib import Path

from maintenance.simulator.simulation import simulate
from maintenance.simulator.writer import write


def main(arguments: list[str] | None = None) -> None:
    """Simulate a chain and write its tables; `arguments` default to those of the process."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.simulator", description=__doc__)
    parser.add_argument(
        "--transactions", type=_positive, default=200_000, help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=_natural, default=1, help="the same gives the same rows (default: 1)"
    )
    parser.add_argument("--out", type=Path, required=True, help="directory for the files")
    parser.add_argument(
        "--format", choices=("parquet", "csv"), default="parquet", help="default: parquet"
    )
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


def _natural(text: str) -> int:
    if not re.fullmatch("[0-9]+", text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number")
    return int(text)


def _positive(text: str) -> int:
    number = _natural(text)
    if not number:
        raise argparse.ArgumentTypeError("at least 1 transaction is needed")
    return number


if __name__ == "__main__":
    main()
