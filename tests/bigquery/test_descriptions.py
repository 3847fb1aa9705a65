"""On BigQuery too the database describes marts, and a build writes down what it did."""

import pytest
from dbt_on_emulator import DATASET, Build, EmulatedProject

from support.catalogue import feature_catalogue

# Two views, one of them with columns of the catalogue, and tables of every kind.
SELECTED = "features address_window_features label_delays address_labels build_runs"


@pytest.fixture
def warehouse(project: EmulatedProject, sample_build: Build) -> EmulatedProject:
    """The sample's build, which other tests may have added to."""
    assert not sample_build.failures(), sample_build.failures()
    return project


def test_every_column_of_a_mart_is_described(warehouse: EmulatedProject) -> None:
    of_catalogue = {feature["name"]: feature["description"] for feature in feature_catalogue()}
    for name in SELECTED.split():
        node = warehouse.manifest.nodes[f"model.ethereum_address_intelligence.{name}"]
        table = warehouse.client.get_table(f"{DATASET}_marts.{name}")
        assert table.description == " ".join(node.description.split()), name
        assert table.schema, name
        for column in table.schema:
            declared = node.columns.get(column.name)
            text = declared.description if declared else of_catalogue[column.name]
            assert column.description == " ".join(text.split()), f"{name}.{column.name}"


def test_a_build_writes_what_became_of_every_model(warehouse: EmulatedProject) -> None:
    written = warehouse.query(
        "select node_name, node_type, status, seconds, started_at"
        f" from {DATASET}_marts.build_runs where node_name in ('features', 'sample_labels')"
        " order by node_name"
    ).to_pylist()
    assert [(row["node_name"], row["node_type"], row["status"]) for row in written] == [
        ("features", "model", "success"),
        ("sample_labels", "seed", "success"),
    ]
    assert all(row["seconds"] > 0 for row in written)
