"""The catalogue of features as dbt renders it, without dbt."""

import re
from functools import cache
from typing import Any

import jinja2
import pandas as pd

from support import PROJECT_DIRECTORY

MACRO = re.compile(r"\{%-?\s*macro (\w+)\(\)\s*-?%\}(.*?)\{%-?\s*endmacro\s*-?%\}", re.S)


class Returned(Exception):
    """What a macro hands to return()."""


@cache
def feature_catalogue() -> list[dict[str, Any]]:
    """Return the entries of the macro of this name."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    macros: dict[str, Any] = {}

    def give(value: Any) -> None:
        raise Returned(value)

    def function(body: str) -> Any:
        def call() -> Any:
            try:
                environment.from_string(body).render(macros | {"return": give})
            except Returned as returned:
                return returned.args[0]

        return call

    for path in sorted((PROJECT_DIRECTORY / "macros/features/catalogue").glob("*.sql")):
        macros |= {name: function(body) for name, body in MACRO.findall(path.read_text())}
    return macros["feature_catalogue"]()


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
