"""Measure time and peak memory of scam scoring on simulated addresses, in a fresh process.

python -m maintenance.scoring_memory --addresses 1000000 --features 60
"""

import argparse
import tempfile
import time
from pathlib import Path
from types import ModuleType

import duckdb
import numpy as np
import pandas as pd

from maintenance.assignment_memory import peak_memory_mb, python_model, stand_in

TRAINING_ADDRESSES = 5_000
SCAM_SHARE = 0.03
EVALUATIONS = pd.DataFrame(
    [{"evaluation": "deployed", "fit_name": "lifetime", "parameters_from": "search"}]
)


def create_addresses(connection: duckdb.DuckDBPyConnection, rows: int, features: list[str]) -> None:
    """Create a table of simulated addresses with skewed features, in the layout of the inputs."""
    columns = ", ".join(f"exp(8 * random()) as {name}" for name in features)
    connection.sql(f"""
        create table addresses as
        select
            '0x' || md5(i::text) || substr(md5(i::text), 1, 8) as address,
            md5((i + 1)::text) as features_fingerprint,
            {columns},
            i % 1000 as sample_bucket,
            i % 5 as address_fifth,
            1 as read_group,
            timestamp '2016-01-01' as first_event_at
        from range({rows}) as numbers (i)
    """)


def train_champion(
    models: ModuleType, addresses: pd.DataFrame, features: list[str]
) -> pd.DataFrame:
    """Return the champion's row of scam_models, trained on addresses with invented labels."""
    catalogue = pd.DataFrame({"feature_name": features}).assign(
        feature_number=range(len(features)),
        feature_family="behaviour",
        alias_of=None,
        monotone_direction=0,
        is_of_absolute_time=False,
        is_of_coverage=False,
        is_of_amounts=False,
    )
    random = np.random.default_rng(models.SEED)
    examples = addresses.assign(
        fit_name="lifetime",
        window_name="lifetime",
        is_scam=random.random(len(addresses)) < SCAM_SHARE,
        is_labelled=True,
        **dict.fromkeys(
            ("window_start", "window_end", "labels_known_at"), pd.Timestamp("2024-01-01")
        ),
    )
    labels = {"scams": 1, "first_reported_at": None, "labels_without_report_time": 1}
    rows = models.train(examples, EVALUATIONS, catalogue, labels, "quick", 100, known_runs=set())
    return models.typed(rows, models.COLUMNS)


def main() -> None:
    """Train on a sample, then score every address, as dbt would call the models."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.scoring_memory", description=__doc__
    )
    parser.add_argument(
        "--addresses", type=int, default=1_000_000, help="to score (default: %(default)s)"
    )
    parser.add_argument("--features", type=int, default=60, help="of each (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=200, help="trees (default: %(default)s)")
    arguments = parser.parse_args()
    models, scores = python_model("scam_models"), python_model("scam_raw_scores")
    features = [f"feature_{number}" for number in range(arguments.features)]
    models.CONFIGURATIONS = [("xgboost", "all")]
    # Labels that features say nothing about would stop the trees at once.
    models.choose = lambda *_: models.XGBOOST_DEFAULTS | {"rounds": arguments.rounds}
    with tempfile.TemporaryDirectory() as directory:
        connection = duckdb.connect(str(Path(directory) / "addresses.duckdb"))
        connection.sql("set memory_limit = '500MB'")
        connection.sql("set preserve_insertion_order = false")
        create_addresses(connection, arguments.addresses, features)
        sample = connection.sql(f"from addresses order by address limit {TRAINING_ADDRESSES}").df()
        champion = train_champion(models, sample, features)
        connection.sql("create table champion as from champion")
        tables = {"int_scam_serving__champion": "champion", "int_scam_serving__inputs": "addresses"}
        before, start = peak_memory_mb(), time.perf_counter()
        made = scores.model(stand_in(connection, tables, arguments.addresses), connection)
        seconds = time.perf_counter() - start
    print(
        f"{len(made):,} addresses with {arguments.features} features scored by"
        f" {arguments.rounds} trees (text of {len(champion['model'].iloc[0]) / 1e6:.1f} MB) in"
        f" {seconds:.1f} s; peak memory of the process {peak_memory_mb():,.0f} MB,"
        f" {before:,.0f} MB of it before the scoring"
    )


if __name__ == "__main__":
    main()
