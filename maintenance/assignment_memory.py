"""Measure time and peak memory of profile assignment on simulated investors, in a fresh process.

python -m maintenance.assignment_memory --addresses 1000000
"""

import argparse
import importlib.util
import resource
import tempfile
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb

from maintenance import PROJECT_DIRECTORY

FIT_ADDRESSES = 2_000

INVESTORS = """
    create table investors as
    select
        '0x' || md5(i::text) || substr(md5(i::text), 1, 8) as address,
        md5((i + 1)::text) as features_fingerprint,
        exp(4 * ln(2 + random()) + i % 3) as ether_balance,
        (i % 3) * (i % 11) as unique_tokens,
        (i % 3) * (i % 11) * (1 + i % 7) as unique_transfers,
        (i % 400)::double as active_days,
        0.5 as incoming_share,
        true as is_eligible
    from range({addresses}) as numbers (i)
"""


def python_model(name: str) -> ModuleType:
    """Load a Python model of the project from its file."""
    path = PROJECT_DIRECTORY / "python_models" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def peak_memory_mb() -> float:
    """Return the largest memory this process has held so far, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Fit on a sample, then assign every address, as dbt would call the models."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.assignment_memory", description=__doc__
    )
    parser.add_argument(
        "--addresses", type=int, default=1_000_000, help="to assign (default: %(default)s)"
    )
    addresses = parser.parse_args().addresses
    models = python_model("investor_profile_models")
    assignments = python_model("investor_profile_assignments")
    with tempfile.TemporaryDirectory() as directory:
        connection = duckdb.connect(str(Path(directory) / "investors.duckdb"))
        connection.sql("set memory_limit = '500MB'")
        connection.sql("set preserve_insertion_order = false")
        connection.sql(INVESTORS.format(addresses=addresses))
        sample = connection.sql(f"from investors order by address limit {FIT_ADDRESSES}").df()
        fitted = models.fit_candidates(sample, models.SEED)
        fitted = fitted.assign(run_id="measured", trained_at="2024-01-01")
        connection.sql("create table models as from fitted")
        tables = {
            "investor_profile_models": "models",
            "int_investor_profiles__features": "investors",
        }
        before, start = peak_memory_mb(), time.perf_counter()
        made = assignments.model(stand_in(connection, tables, addresses), connection)
        seconds = time.perf_counter() - start
    print(
        f"{len(made):,} addresses assigned in {seconds:.1f} s; peak memory of the process"
        f" {peak_memory_mb():,.0f} MB, {before:,.0f} MB of it before the assignment"
    )


def stand_in(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, str], limit: int
) -> SimpleNamespace:
    """Return what dbt hands to a Python model on its first run: `tables` by the name of the ref."""

    def config(**_: Any) -> None:
        """Settings matter to dbt only."""

    config.meta_get = lambda key, default=None: limit
    return SimpleNamespace(
        ref=lambda name: connection.query(f"select * from {tables[name]}"),
        config=config,
        is_incremental=False,
    )


if __name__ == "__main__":
    main()
