"""The run and the configuration that score addresses, and the tests it was put to."""

import re
from dataclasses import dataclass

from commands import PROJECT_DIRECTORY
from commands.report.errors import NothingToShow, require
from commands.report.marts import Marts, Row
from commands.report.numbers import words

# Which of the fitted configurations scores is set in one place for all of SQL.
SETTING = PROJECT_DIRECTORY / "macros" / "scam" / "champion.sql"

RUN = """
select run_id, decision, reason, trained_at
from {marts}.scam_model_promotions
where decision = 'champion'
order by trained_at desc, run_id desc
limit 1
"""

MODELS = """
select
    view, cutoff, model_name, feature_set, train_window_name, window_start, window_end,
    labels_known_at, training_rows, training_positives, validation_rows, validation_positives,
    features, parameters, calibration, library_versions, seed, trained_at
from {marts}.scam_models
where run_id = @run_id and model_name = @model_name and feature_set = @feature_set
order by view, cutoff
"""

VIEWS = {
    "time": "After the cutoff",
    "time_to_date": "Everything to date",
    "random": "Random split",
    "external": "External list",
    "rolling": "Rolling",
}

# In this order; at most as many as a chart has panels.
HEADLINES = [
    ("time", "all"),
    ("time", "first_seen_after_cutoff"),
    ("random", "all"),
    ("external", "all"),
]


@dataclass(frozen=True)
class Champion:
    """The champion run with the configuration that scores."""

    run_id: str
    reason: str
    model_name: str
    feature_set: str

    def key(self) -> dict[str, str]:
        """Return the parameters of queries on its evaluations."""
        return {
            "run_id": self.run_id,
            "model_name": self.model_name,
            "feature_set": self.feature_set,
        }

    def name(self) -> str:
        """Name the configuration."""
        return f"{self.model_name}, {self.feature_set}"


def champion(marts: Marts) -> Champion:
    """Return the champion run."""
    [row] = require(marts.rows(RUN), "No run is champion yet.")
    return Champion(
        row["run_id"],
        row["reason"],
        setting("champion_model_name"),
        setting("champion_feature_set"),
    )


def setting(macro: str) -> str:
    """Return the text that a macro without arguments returns."""
    found = re.search(rf"macro {macro}\(\).*?return\('(\w+)'\)", SETTING.read_text(), re.DOTALL)
    if found is None:
        raise NothingToShow(f"{SETTING.name} has no macro {macro} that returns a text.")
    return found[1]


def models(marts: Marts, run: Champion) -> list[Row]:
    """Return the fits of the champion's configuration, a row a view."""
    return require(
        marts.rows(MODELS, **run.key()), f"Run {run.run_id} has no models of {run.name()}."
    )


def evaluation(row: Row) -> str:
    """Name what a row was judged on: view, cutoff and subset."""
    name = VIEWS.get(row["view"], words(row["view"]).capitalize())
    if row["view"] == "rolling":
        name += f" from {row['cutoff'][:10]}"
    if row["subset"] != "all":
        name += f", {words(row['subset'])}"
    return name


def order(row: Row) -> tuple:
    """Sort evaluations as VIEWS are, with what is new after them."""
    views = [*VIEWS]
    known = views.index(row["view"]) if row["view"] in views else len(views)
    return (known, row["view"], row["cutoff"], row["subset"])
