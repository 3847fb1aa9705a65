"""A label that is removed or taken back stops counting at the next run; the graver label holds.

On simulated labels, imported as a list of one's own.
"""

import csv
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import pytest

from commands.labels.__main__ import main
from commands.labels.label import Label
from support.dbt_project import DbtProject, Run

Rows = list[dict[str, str]]
TRAINING_EXAMPLES = (
    "int_scam_training__candidates int_scam_training__labels int_scam_training__addresses"
    " int_scam_training__examples int_scam_evaluation__examples"
)


@dataclass(frozen=True)
class Cases:
    """Addresses, by what happens to their labels between two runs."""

    removed: str
    taken_back: str
    kept: str
    external_taken_back: str
    benign_reported: str
    entity_reported: str
    entity_listed_externally: str
    benign_only: str


class Labels:
    """LABEL_DATA, imported from a list."""

    def __init__(self, directory: Path) -> None:
        self.list = directory / "list.csv"
        self.path = directory / "labels.csv"

    def publish(self, rows: Rows, *options: str) -> None:
        write(self.list, rows)
        paths = ["--in", str(self.list), "--out", str(self.path)]
        assert main(["--layout", "label_data", *paths, *options]) == 0


def write(path: Path, rows: Rows) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Label)], restval="")
        writer.writeheader()
        writer.writerows(rows)


def read(path: Path) -> Rows:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("labels")


@pytest.fixture(scope="module")
def before(built_chain: Run, simulated_chain: Path, directory: Path) -> Run:
    """Trained and scored on the simulated labels; its figures are read before the next run."""
    rows = read(simulated_chain / "labels.csv")
    labels = Labels(directory)
    labels.publish(rows)
    # The import says what the build has read already, and names the usage that is meant by none.
    meant = [row | {"usage": row["usage"] or "training"} for row in rows]
    known = [{column: row[column] for column in rows[0]} for row in read(labels.path)]
    assert sorted(known, key=str) == sorted(meant, key=str)
    return built_chain.copied(directory)


@pytest.fixture(scope="module")
def cases(before: Run) -> Cases:
    """Scams that a model finds and the past knew; an external one; addresses without a label."""
    scams = before.query(
        "select scores.address from marts.scam_scores as scores"
        " join marts.scam_policies as policies using (run_id)"
        " join marts.addresses using (address)"
        " join intermediate.int_scam_training__examples as past using (address)"
        " where scores.state = 'known_scam' and label_state = 'scam'"
        " and entity_category is null"
        " and past.fit_name = 'past' and past.is_scam"
        " and scores.score >= policies.threshold_score and policies.policy_name = 'wide_net'"
        " and policies.fit_name = 'lifetime' and policies.model_name = 'xgboost'"
        " and policies.feature_set = 'all'"
        " and address not in (select address from marts.address_labels where usage = 'external')"
        " group by all order by max(scores.score) desc, address limit 3"
    )
    external = before.query(
        "select address from intermediate.int_scam_training__candidates where is_external_scam"
        " order by address limit 1"
    )
    unlabelled = before.query(
        "select address from marts.scam_scores join marts.addresses using (address)"
        " where state = 'scored' and label_state = 'unlabelled' order by address limit 4"
    )
    return Cases(*(address for (address,) in scams + external + unlabelled))


@pytest.fixture(scope="module")
def known_before(before: Run) -> dict[str, pd.DataFrame]:
    return facts(before)


@pytest.fixture(scope="module")
def after(
    dbt: DbtProject,
    simulated_chain: Path,
    directory: Path,
    before: Run,
    cases: Cases,
    known_before: dict[str, pd.DataFrame],
) -> Run:
    """The daily run after the list has changed, and then who trains the next model."""
    labels = Labels(directory)
    gone = {cases.removed, cases.taken_back, cases.external_taken_back}
    rows = [row for row in read(simulated_chain / "labels.csv") if row["address"] not in gone]
    rows += [
        {"address": address, "category": category, "source": "desk", "usage": usage}
        for address, category, usage in [
            (cases.benign_reported, "benign", "training"),
            (cases.benign_reported, "phishing", "training"),
            (cases.entity_reported, "exchange", "training"),
            (cases.entity_reported, "phishing", "training"),
            (cases.entity_listed_externally, "exchange", "training"),
            (cases.entity_listed_externally, "phishing", "external"),
            (cases.benign_only, "benign", "training"),
        ]
    ]
    labels.publish(rows, "--previous", str(labels.path))
    imported = read(labels.path)
    assert {row["address"] for row in imported if row["valid_to"]} >= gone
    # Not delisted but deleted, as by hand.
    write(labels.path, [row for row in imported if row["address"] != cases.removed])

    inputs = {"chain": simulated_chain, "labels": labels.path}
    daily = dbt.run(directory, **inputs, options=["--exclude", "tag:train"])
    assert daily.success, daily.errors
    assert "scam_models" not in daily.statuses
    examples = dbt.run(directory, **inputs, select=TRAINING_EXAMPLES)
    assert examples.success, examples.errors
    return daily


def facts(run: Run) -> dict[str, pd.DataFrame]:
    """What the project says of each address, by table."""
    labels = (
        "select address, is_scam from intermediate.int_scam_training__labels"
        " join marts.feature_windows on labels_known_at = window_end where window_name ="
    )
    examples = "select address, is_scam from intermediate.int_scam_training__examples"
    return {
        "scores": by_address(run, "from marts.scam_scores join marts.addresses using (address)"),
        "queue": by_address(run, "from marts.scam_alert_queue"),
        "labels": by_address(run, "from marts.address_labels"),
        "features": by_address(run, "select address, is_scam from marts.address_features"),
        "past": by_address(run, f"{labels} 'past'"),
        "lifetime": by_address(run, f"{labels} 'lifetime'"),
        "past examples": by_address(run, f"{examples} where fit_name = 'past'"),
        "lifetime examples": by_address(run, f"{examples} where fit_name = 'lifetime'"),
        "external test": by_address(
            run,
            "select address, is_scam from intermediate.int_scam_evaluation__examples"
            " where evaluation = 'external'",
        ),
    }


def by_address(run: Run, sql: str) -> pd.DataFrame:
    return run.frame(sql).set_index("address")


@pytest.fixture(scope="module")
def now(after: Run) -> dict[str, pd.DataFrame]:
    return facts(after)


def test_before_they_are_known_scams_and_nobodys_alert(
    known_before: dict[str, pd.DataFrame], cases: Cases
) -> None:
    for address in (cases.removed, cases.taken_back, cases.kept):
        assert known_before["scores"].state[address] == "known_scam"
        assert address not in known_before["queue"].index
        assert known_before["lifetime examples"].is_scam[address]


def test_a_removed_label_stops_counting_everywhere(
    now: dict[str, pd.DataFrame], cases: Cases
) -> None:
    address = cases.removed
    assert address not in now["labels"].index
    assert now["scores"].state[address] == "scored"
    assert now["scores"].label_state[address] == "unlabelled"
    assert now["queue"].risk_tier[address] in ("high", "medium")
    for table in ("features", "past examples", "lifetime examples"):
        assert not now[table].is_scam[address], table
    for table in ("past", "lifetime"):
        assert address not in now[table].index


def test_a_label_taken_back_stops_counting_and_stays_in_the_past(
    now: dict[str, pd.DataFrame], cases: Cases
) -> None:
    address = cases.taken_back
    assert now["labels"].loc[[address]].valid_to.notna().all()
    assert now["scores"].state[address] == "scored"
    assert address in now["queue"].index
    assert address not in now["lifetime"].index
    for table in ("features", "lifetime examples"):
        assert not now[table].is_scam[address], table
    # What was known then is not rewritten.
    for table in ("past", "past examples"):
        assert now[table].is_scam[address], table


def test_a_label_that_stays_counts_on(now: dict[str, pd.DataFrame], cases: Cases) -> None:
    assert now["scores"].state[cases.kept] == "known_scam"
    assert cases.kept not in now["queue"].index
    assert now["lifetime examples"].is_scam[cases.kept]


def test_an_external_label_taken_back_is_no_scam_to_find_and_still_never_trains(
    known_before: dict[str, pd.DataFrame], now: dict[str, pd.DataFrame], cases: Cases
) -> None:
    address = cases.external_taken_back
    assert known_before["external test"].is_scam[address]
    assert address not in now["external test"].index
    for table in ("lifetime examples", "past examples"):
        assert address not in now[table].index
    assert now["scores"].state[address] == "scored"


def test_where_labels_disagree_the_graver_holds(now: dict[str, pd.DataFrame], cases: Cases) -> None:
    scores = now["scores"][["label_state", "state", "entity_category"]].fillna("")
    assert tuple(scores.loc[cases.benign_reported]) == ("scam", "known_scam", "")
    assert tuple(scores.loc[cases.entity_reported]) == ("scam", "known_scam", "exchange")
    assert tuple(scores.loc[cases.entity_listed_externally]) == (
        *("external_scam", "known_scam", "exchange"),
    )
    assert tuple(scores.loc[cases.benign_only]) == ("benign", "scored", "")
    for address in (cases.benign_reported, cases.entity_reported):
        assert now["lifetime examples"].is_scam[address]
    assert not now["lifetime examples"].is_scam[cases.benign_only]
    # On an external list, so out of training, whatever other labels say.
    assert cases.entity_listed_externally not in now["lifetime examples"].index
