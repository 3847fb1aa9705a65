"""The median that reasons give beside a value is that of everyone, whoever trains the models."""

import duckdb
import pandas as pd

from maintenance.compiled_project import (
    DATABASE_NAME,
    build,
    create_schema,
    duckdb_settings,
)
from support.catalogue import feature_catalogue
from support.dbt_project import DbtProject


def test_medians_are_of_all_addresses_and_not_of_those_with_a_label(dbt: DbtProject) -> None:
    compiled = dbt.compiled("int_scam_serving__feature_medians")
    names = [feature["name"] for feature in feature_catalogue()]
    addresses = pd.DataFrame(index=range(5), columns=names, dtype="float64").assign(
        address=[f"0x{i}" for i in range(5)], in_degree=[1, 2, 3, 400, 500], read_group=1
    )
    # Only the two whales have a label, and train where negatives are labelled.
    training = addresses[addresses["in_degree"] > 100].assign(fit_name="lifetime", is_scam=False)
    given = {"int_scam_serving__inputs": addresses, "int_scam_training__examples": training}
    with duckdb.connect() as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach ':memory:' as \"{DATABASE_NAME}\"")
        for name, frame in given.items():
            create_schema(connection, compiled.nodes[name])
            connection.register("frame", frame)
            connection.execute(f"create table {compiled.relation(name)} as select * from frame")
        build(
            connection, compiled.lineage(["int_scam_serving__feature_medians"], given=list(given))
        )
        medians = connection.execute(
            f"select * from {compiled.relation('int_scam_serving__feature_medians')}"
        )
        found = medians.df().set_index("feature_name")["median_value"]
    assert found["in_degree"] == 3
    assert set(found.index) == set(names)
    assert found.drop("in_degree").isna().all()
