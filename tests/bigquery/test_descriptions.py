"""On BigQuery too the database describes marts, and a build writes down what it did."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt_on_emulator import DATASET, EmulatedProject
from emulator import running_emulator

from support.catalogue import feature_catalogue
from support.dbt_project import SMALL_CHAIN

# Two views, one of them with columns of the catalogue, and tables of every kind.
SELECTED = "features address_window_features label_delays address_labels build_runs"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedProject]:
    """An emulator of its own with a few marts, without rows."""
    directory: Path = tmp_path_factory.mktemp("descriptions")
    with running_emulator(directory / "emulator.log") as emulator:
        project = EmulatedProject(directory, emulator, SMALL_CHAIN)
        select = [f"+{name}" for name in SELECTED.split()]
        excluded = ("--exclude-resource-type", "test", "unit_test")
        built = project.build("--select", *select, *excluded, "--empty")
        assert not built.failures(), built.failures()
        yield project
        project.close()


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
