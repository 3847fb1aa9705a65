"""The points of pictures: the sample of a run, in the space of its selected clustering."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_samples

from support import investor_inputs


@pytest.fixture
def trained(python_model, warehouse):
    warehouse.write("int_investor_profiles__sample", investor_inputs.investors(100))
    warehouse.run(python_model("investor_profile_models"))
    return warehouse


def test_the_points_are_those_of_the_selected_clustering(python_model, trained):
    module = python_model("investor_profile_sample_points")
    made = trained.run(module)
    models = trained.read("investor_profile_models")
    row = models[models["is_selected"]].iloc[0]
    assert made["address"].tolist() == investor_inputs.investors(100)["address"].tolist()
    assert set(made["run_id"]) == {row["run_id"]}

    parameters = json.loads(row["parameters"])
    features = investor_inputs.investors(100)
    matrix = module.feature_matrix(features, parameters["space"]["features"])
    points = module.to_space(matrix, parameters["space"])
    assigned = module.assign(row, features)["cluster"]
    assert (made["cluster"].to_numpy() == assigned.to_numpy()).all()
    np.testing.assert_allclose(
        made["silhouette"], silhouette_samples(points, assigned), rtol=0, atol=1e-9
    )
    assert made["silhouette"].mean() == pytest.approx(row["silhouette"], abs=1e-9)
    np.testing.assert_array_equal(made[["first_component", "second_component"]], points[:, :2])
    # Principal components: uncorrelated, the first with the largest spread.
    assert made["first_component"].var() >= made["second_component"].var()
    assert made["first_component"].corr(made["second_component"]) == pytest.approx(0, abs=1e-9)


def test_a_run_is_placed_once_and_only_by_the_sample_it_was_fitted_on(python_model, trained):
    module = python_model("investor_profile_sample_points")
    trained.run(module)
    placed = trained.read("investor_profile_sample_points")
    assert trained.run(module).empty
    trained.write("int_investor_profiles__sample", investor_inputs.investors(90))
    assert trained.run(module).empty
    pd.testing.assert_frame_equal(trained.read("investor_profile_sample_points"), placed)

    trained.run(python_model("investor_profile_models"))
    assert len(trained.run(module)) == 90
    assert trained.read("investor_profile_sample_points")["run_id"].nunique() == 2


def test_without_a_model_the_table_is_empty_and_typed(python_model, warehouse):
    warehouse.write("int_investor_profiles__sample", investor_inputs.investors(100)[:0])
    warehouse.run(python_model("investor_profile_models"))
    module = python_model("investor_profile_sample_points")
    assert warehouse.run(module).empty
    assert warehouse.types(module.__name__)["first_component"] == "DOUBLE"
