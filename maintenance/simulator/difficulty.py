"""How hard the simulated scams are for the model that scores addresses, over several seeds.

`python -m maintenance.simulator.difficulty --seeds 10 --transactions 200000` prints a Markdown
table.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas as pd
from sklearn.metrics import roc_auc_score

from maintenance import PROJECT_DIRECTORY

# Each address that may train, with its features and label of today.
FEATURES = """
    select
        features.*,
        addresses.is_scam
    from intermediate.int_features__window_addresses as features
    inner join intermediate.int_scam_training__addresses as addresses
        on features.address = addresses.address
    where features.window_name = 'lifetime' and addresses.fit_name = 'lifetime'
"""

# Of the kind of model, and the features it sees, that score addresses.
METRICS = """
    select
        concat_ws(', ', 'average precision', metrics.evaluation, metrics.subset) as measure,
        metrics.metric_value
    from marts.scam_model_metrics as metrics
    inner join intermediate.int_scam_serving__champion as champion
        on
            metrics.run_id = champion.run_id
            and metrics.model_name = champion.model_name
            and metrics.feature_set = champion.feature_set
    where
        metrics.metric_name = 'average_precision'
        and metrics.evaluation <> 'validation'
        and metrics.subset not like 'moved%'
"""


def main() -> None:
    """Simulate, build and measure each seed, then print the medians and ranges."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.simulator.difficulty", description=__doc__
    )
    parser.add_argument("--seeds", type=int, default=10, help="chains to simulate (default: 10)")
    parser.add_argument(
        "--transactions", type=int, default=200_000, help="of each chain (default: %(default)s)"
    )
    options = parser.parse_args()
    runs = []
    for seed in range(1, options.seeds + 1):
        with tempfile.TemporaryDirectory() as directory:
            runs.append(measures(Path(directory), seed, options.transactions))
        print(f"seed {seed}: {runs[-1].round(3).to_dict()}", file=sys.stderr, flush=True)
    table = pd.DataFrame(runs)
    print("| measure | median | lowest | highest |\n|:--|--:|--:|--:|")
    for measure, values in table.items():
        print(f"| {measure} | {values.median():.3f} | {values.min():.3f} | {values.max():.3f} |")


def measures(directory: Path, seed: int, transactions: int) -> pd.Series:
    """Return the measures of one simulated chain, by name."""
    chain = directory / "chain"
    simulator = f"{sys.executable} -m maintenance.simulator --format csv --out {chain}".split()
    run([*simulator, "--seed", str(seed), "--transactions", str(transactions)])
    database = directory / "chain.duckdb"
    dbt = str(Path(sys.executable).with_name("dbt"))
    run(
        [
            *(dbt, "build", "--quiet"),
            *("--select", "+scam_model_metrics", "+int_scam_serving__champion"),
            *("--exclude", "resource_type:test", "resource_type:unit_test"),
            *("--vars", "{rolling_cutoff_percents: []}"),
            *("--target-path", str(directory / "target")),
            *("--log-path", str(directory / "logs")),
        ],
        CHAIN_DATA=str(chain),
        LABEL_DATA=str(chain / "labels.csv"),
        DUCKDB_PATH=str(database),
        DBT_PROFILES_DIR=str(PROJECT_DIRECTORY),
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        features = connection.sql(FEATURES).df()
        metrics = dict(connection.sql(METRICS).fetchall())
    numbers = features.select_dtypes("number").dropna(axis=1)
    aucs = numbers.apply(lambda values: roc_auc_score(features["is_scam"], values))
    return pd.Series(
        {
            "share of addresses labelled scam": features["is_scam"].mean(),
            **{f"AUC of {name} alone": max(auc, 1 - auc) for name, auc in aucs.items()},
            **dict(sorted(metrics.items())),
        }
    )


def run(command: list[str], **environment: str) -> None:
    """Run a command in the project directory; raise CalledProcessError if it fails."""
    subprocess.run(command, cwd=PROJECT_DIRECTORY, env={**os.environ, **environment}, check=True)


if __name__ == "__main__":
    main()
