"""The catalogue of features is complete, and is the one place that describes them."""

import re
from collections import defaultdict

import pandas as pd
import pytest
import yaml

from support import PROJECT_DIRECTORY
from support.catalogue import catalogue_table, feature_catalogue, feature_names
from support.dbt_project import Run

CATALOGUE = feature_catalogue()
KEYS = {"window_name", "fit_name", "address", "first_event_at", "last_event_at"}

# Units that a reason gives as a plain number.
PLAIN_UNITS = {"count", "number"}


def computing_model(feature: dict) -> str:
    folder = "scam_training" if feature["family"] == "proximity" else "features"
    return f"int_{folder}__{feature['model']}"


def columns_of(run: Run, relation: str) -> list[str]:
    return list(run.frame(f"from {relation} limit 0").columns)


def test_no_name_is_used_twice() -> None:
    names = feature_names()
    assert len(names) == len(set(names)) > 80


def test_every_feature_is_described_and_worded() -> None:
    for feature in CATALOGUE:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", feature["name"])
        assert feature["description"].endswith("."), feature["name"]
        assert len(feature["description"]) > 10, feature["name"]
        assert feature["phrase"].count("{value}") == 1, feature["name"]
        assert "{value}" not in (feature["zero_phrase"] or ""), feature["name"]
        assert "{value}" not in (feature["unknown_phrase"] or ""), feature["name"]


def test_a_count_has_a_noun_and_what_may_be_unknown_a_wording_for_it() -> None:
    for feature in CATALOGUE:
        is_counted = feature["singular"] is not None
        assert is_counted == (feature["plural"] is not None), feature["name"]
        assert is_counted <= (feature["unit"] in PLAIN_UNITS), feature["name"]
        if feature["when_absent"] == "NULL":
            assert feature["unknown_phrase"], feature["name"]


def test_features_that_share_a_zero_phrase_have_the_same_unit() -> None:
    units = defaultdict(set)
    for feature in CATALOGUE:
        if feature["zero_phrase"]:
            units[feature["zero_phrase"]].add(feature["unit"].replace("eth", "wei"))
    assert {phrase: found for phrase, found in units.items() if len(found) > 1} == {}


def test_every_unit_is_known_to_the_text_of_reasons() -> None:
    macro = (PROJECT_DIRECTORY / "macros/scam/reasons.sql").read_text()
    known = set(re.findall(r"\{\{ unit \}\} = '(\w+)'", macro))
    units = {feature["unit"] for feature in CATALOGUE}
    assert units - PLAIN_UNITS == known
    assert units >= PLAIN_UNITS


def test_ranges_and_relations_between_features_hold_together() -> None:
    by_name = {feature["name"]: feature for feature in CATALOGUE}
    for name, feature in by_name.items():
        low, high = feature["min_value"], feature["max_value"]
        assert low is None or high is None or low < high, name
        assert feature["monotone_direction"] in (0, 1), name
        assert feature["data_type"] in ("int64", "float64"), name
        if feature["alias_of"] is not None:
            assert by_name[feature["alias_of"]]["alias_of"] is None, name
            assert by_name[feature["alias_of"]]["data_type"] == feature["data_type"], name


def test_a_reason_is_of_what_a_model_sees_and_of_a_side_that_exists() -> None:
    for feature in CATALOGUE:
        name = feature["name"]
        assert feature["reason_side"] in (None, "incoming", "outgoing", "both"), name
        if feature["reason_topic"] is None:
            assert feature["reason_side"] is None, name
            continue
        assert not feature["is_of_absolute_time"], name
        assert not feature["is_of_coverage"], name
        assert feature["alias_of"] is None, name
        # Its name says whose side it is.
        for side in ("incoming", "outgoing"):
            if side in name and feature["reason_side"] != "both":
                assert feature["reason_side"] == side, name


def test_what_says_how_complete_the_data_are_is_no_reason() -> None:
    names = {feature["name"] for feature in CATALOGUE if feature["is_of_coverage"]}
    assert names == {
        *("mean_log_sender_degree", "mean_log_recipient_degree"),
        *("leaf_sender_share", "leaf_recipient_share"),
    }


def test_the_mart_is_the_catalogue(built_chain: Run) -> None:
    mart = built_chain.frame("from marts.features order by feature_number")
    expected = catalogue_table()
    assert set(mart.columns) == set(expected.columns)
    pd.testing.assert_frame_equal(
        mart.astype("object").where(mart.notna(), None),
        expected[mart.columns].astype("object").where(expected[mart.columns].notna(), None),
        check_dtype=False,
    )


def test_every_feature_is_a_column_of_its_table_and_every_column_a_feature(
    built_chain: Run,
) -> None:
    of_windows = columns_of(built_chain, "intermediate.int_features__window_addresses")
    of_fits = columns_of(built_chain, "intermediate.int_scam_training__proximities")
    assert set(of_windows) - KEYS == set(feature_names("dictionary", "behaviour"))
    assert set(of_fits) - KEYS == set(feature_names("proximity"))
    for feature in CATALOGUE:
        model = f"intermediate.{computing_model(feature)}"
        assert feature["name"] in columns_of(built_chain, model), feature["name"]


@pytest.mark.parametrize(
    "relation",
    [
        "intermediate.int_scam_training__examples",
        "intermediate.int_scam_evaluation__examples",
        "intermediate.int_scam_serving__inputs",
    ],
)
def test_what_models_read_has_every_feature_in_the_type_of_the_catalogue(
    built_chain: Run, relation: str
) -> None:
    types = dict(
        built_chain.query(f"select column_name, column_type from (describe from {relation})")
    )
    names = {"int64": ("BIGINT", "INTEGER"), "float64": ("DOUBLE",)}
    for feature in CATALOGUE:
        assert types[feature["name"]] in names[feature["data_type"]], feature["name"]


def described_columns() -> dict[str, list[str]]:
    """Columns in YAML, by model."""
    files = [
        path
        for folder in ("models", "python_models")
        for path in (PROJECT_DIRECTORY / folder).rglob("*.yml")
    ]
    return {
        model["name"]: [column["name"] for column in model.get("columns", [])]
        for path in files
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", [])
    }


def test_what_the_catalogue_describes_is_not_described_again_beside_it() -> None:
    holders = {
        *map(computing_model, CATALOGUE),
        *("int_scam_training__examples", "int_scam_evaluation__examples"),
        *("int_scam_serving__inputs", "address_features", "address_window_features"),
    }
    described = described_columns()
    assert holders <= set(described)
    twice = {name for name, columns in described.items() if len(columns) > len(set(columns))}
    assert twice == set()
    names = set(feature_names())
    again = {name: names & set(described[name]) for name in holders}
    assert {name: found for name, found in again.items() if found} == {}


def test_every_column_of_a_mart_is_described_or_a_feature(built_chain: Run) -> None:
    described, features = described_columns(), set(feature_names())
    found = built_chain.query(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts' order by all"
    )
    assert {mart for mart, _ in found} >= {"address_features", "features", "scam_scores"}
    undescribed = [
        f"{mart}.{column}"
        for mart, column in found
        if column not in features and column not in described[mart]
    ]
    assert undescribed == []


def test_ranges_of_the_catalogue_hold_for_proximities(built_chain: Run) -> None:
    proximities = built_chain.frame("from intermediate.int_scam_training__proximities")
    for feature in CATALOGUE:
        if feature["family"] == "proximity":
            values = proximities[feature["name"]]
            assert values.min() >= feature["min_value"], feature["name"]
            if feature["max_value"] is not None:
                assert values.max() <= feature["max_value"], feature["name"]
