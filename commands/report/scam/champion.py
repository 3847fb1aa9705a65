"""The run and the configuration that score addresses, and its fits."""

from dataclasses import dataclass

from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.scam.labels import require_scams
from commands.report.scam.naming import model

# No mart: the row of scam_models that scores.
CHAMPION = """
select run_id, model_name, feature_set
from {intermediate}.int_scam_serving__champion
"""

MODELS = """
select
    fit_name, model_name, feature_set, train_window_name, window_start, window_end,
    labels_known_at, training_rows, training_positives, features, parameters, calibration,
    library_versions, seed, trained_at
from {marts}.scam_models
where run_id = @run_id and model_name = @model_name and feature_set = @feature_set
order by fit_name
"""

# The fit that scores addresses.
LIFETIME = "lifetime"


@dataclass(frozen=True)
class Champion:
    """The champion run with the configuration that scores."""

    run_id: str
    model_name: str
    feature_set: str

    def key(self) -> dict[str, str]:
        """Return the parameters of queries on its models."""
        return {
            "run_id": self.run_id,
            "model_name": self.model_name,
            "feature_set": self.feature_set,
        }

    def name(self) -> str:
        """Name the configuration."""
        return model(self.model_name, self.feature_set)


def champion(marts: Marts) -> Champion:
    """Return the champion."""
    [row] = require_scams(marts, marts.rows(CHAMPION), "No run is champion yet.")
    return Champion(**row)


def models(marts: Marts, run: Champion) -> dict[str, Row]:
    """Return the models of the champion's configuration by fit."""
    found = require(
        marts.rows(MODELS, **run.key()), f"Run {run.run_id} has no models of {run.name()}."
    )
    return {row["fit_name"]: row for row in found}
