"""The Python models with what BigQuery DataFrames hand over: nullable types and UTC timestamps.

The session is a stand-in on DuckDB. It shows that the types are handled, not that BigQuery runs
the models.
"""

from types import SimpleNamespace

import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from support import investor_inputs, scam_inputs
from support.catalogue import catalogue_table

BIGQUERY_TYPES = {
    "BIGINT": "Int64",
    "DOUBLE": "Float64",
    "BOOLEAN": "boolean",
    "VARCHAR": "string",
    "TIMESTAMP": "timestamp[us, tz=UTC][pyarrow]",
}


class BigQueryFrame:
    def __init__(self, connection, sql):
        self.connection, self.sql = connection, sql

    def to_pandas(self):
        relation = self.connection.sql(self.sql)
        frame = relation.df()
        for name, duckdb_type in zip(relation.columns, relation.types, strict=True):
            if duckdb_type == "TIMESTAMP":
                frame[name] = frame[name].dt.tz_localize("UTC")
            frame[name] = frame[name].astype(BIGQUERY_TYPES[str(duckdb_type)])
        return frame


class BigQuerySession:
    def __init__(self, connection):
        self.connection = connection

    def read_gbq_query(self, sql):
        return BigQueryFrame(self.connection, sql)

    def read_pandas(self, frame):
        return SimpleNamespace(uploaded=frame)


class Config:
    def __call__(self, **settings):
        """Settings matter to dbt only."""

    def meta_get(self, key, default=None):
        return default


def run_on_bigquery(module, warehouse):
    connection = warehouse.connection
    dbt = SimpleNamespace(
        ref=lambda table: BigQueryFrame(connection, f"select * from {table}"),
        config=Config(),
        is_incremental=warehouse.exists(module.__name__),
        this=module.__name__,
    )
    return module.model(dbt, BigQuerySession(connection)).uploaded


@pytest.fixture
def inputs(warehouse, trained_scam_models):
    warehouse.write("int_scam_training__examples", scam_inputs.training_examples(90))
    warehouse.write("int_scam_training__evaluations", scam_inputs.EVALUATIONS)
    warehouse.write("features", catalogue_table())
    warehouse.write("int_addresses__labels", scam_inputs.address_labels())
    warehouse.write("int_scam_evaluation__examples", scam_inputs.evaluation_examples(20))
    warehouse.write("int_scam_evaluation__incumbent", scam_inputs.incumbent(trained_scam_models))
    warehouse.write("int_scam_serving__inputs", scam_inputs.scoring_inputs(20))
    to_explain = scam_inputs.scoring_inputs(20).assign(explanation_rank=range(20))
    warehouse.write("int_scam_serving__explanation_inputs", to_explain)
    warehouse.write("int_scam_serving__champion", trained_scam_models[:1])
    warehouse.write("int_investor_profiles__features", investor_inputs.investors(60))
    warehouse.write("int_investor_profiles__sample", investor_inputs.investors(60))
    return warehouse


def test_every_model_gives_the_same_rows_on_both_engines(python_model, inputs):
    for name in (
        "scam_models",
        "scam_evaluation_scores",
        "scam_raw_scores",
        "scam_explanations",
        "investor_profile_models",
        "investor_profile_assignments",
    ):
        module = python_model(name)
        if name == "scam_models":
            scam_inputs.hurry(module)
        on_bigquery = run_on_bigquery(module, inputs)
        on_duckdb = inputs.run(module)
        assert len(on_duckdb) > 0
        times = [column for column, kind in module.COLUMNS.items() if kind == "timestamp"]
        pd.testing.assert_frame_equal(
            on_bigquery.drop(columns=times), on_duckdb.drop(columns=times)
        )
        assert {str(dtype) for dtype in on_bigquery[times].dtypes} <= {"datetime64[us, UTC]"}
        assert {str(dtype) for dtype in on_duckdb[times].dtypes} <= {"datetime64[us]"}
        assert run_on_bigquery(module, inputs).empty, f"{name} wrote stored rows again"


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_a_model_that_ends_gives_the_one_beside_it_no_more_threads(python_model):
    """Sums over two threads may differ in the last bit from one run to the next."""
    threadpool_limits(2, user_api="blas")
    with python_model("investor_profile_models").one_thread():
        python_model("scam_models").one_thread_for_linear_algebra()
    assert blas_threads() == {1}
