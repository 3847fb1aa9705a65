"""The catalogue of features as dbt renders it, without dbt."""

from functools import cache
from typing import Any

import pandas as pd

from support import PROJECT_DIRECTORY
from support.macros import macros_of


@cache
def feature_catalogue() -> list[dict[str, Any]]:
    """Return the entries of the macro of this name."""
    paths = sorted((PROJECT_DIRECTORY / "macros/features/catalogue").glob("*.sql"))
    return macros_of(*paths)["feature_catalogue"]()


def catalogue_table() -> pd.DataFrame:
    """Return the mart features."""
    names = {"name": "feature_name", "family": "feature_family", "model": "computed_by"}
    table = pd.DataFrame(feature_catalogue()).rename(columns=names)
    table["feature_number"] = range(1, len(table) + 1)
    return table.astype({"min_value": "float64", "max_value": "float64"})


def feature_names(*families: str) -> list[str]:
    """Return the features of these families, or of all, in the order of the catalogue."""
    return [
        feature["name"]
        for feature in feature_catalogue()
        if not families or feature["family"] in families
    ]
