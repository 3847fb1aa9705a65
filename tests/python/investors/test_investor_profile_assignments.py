import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from support import investor_inputs

SEED = 1
NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def profile_models(python_model):
    """Few candidates and draws, which assign as many would."""
    module = python_model("investor_profile_models")
    investor_inputs.hurry(module)
    return module


@pytest.fixture(scope="module")
def assignments(python_model):
    return python_model("investor_profile_assignments")


@pytest.fixture(scope="module")
def candidates(profile_models):
    return profile_models.fit_candidates(investor_inputs.investors(), SEED)


def row_of(candidates, algorithm, clusters):
    of_algorithm = candidates[
        (candidates["algorithm"] == algorithm) & (candidates["recipe"] == "power_transform")
    ]
    return of_algorithm[of_algorithm["clusters"] == clusters].iloc[0].to_dict()


def points_of(assignments, row):
    space = json.loads(row["parameters"])["space"]
    matrix = assignments.feature_matrix(investor_inputs.investors(), space["features"])
    return assignments.to_space(matrix, space)


@pytest.mark.parametrize("clusters", [2, 4, 10])
def test_k_means_from_json_assigns_as_scikit_learn(assignments, candidates, clusters):
    row = row_of(candidates, "kmeans", clusters)
    points = points_of(assignments, row)
    kmeans = KMeans(clusters, n_init=10, random_state=SEED).fit(points)
    assigned = assignments.assign(row, investor_inputs.investors())
    assert (assigned["cluster"] == kmeans.predict(points)).all()
    near = np.sort(kmeans.transform(points), axis=1)
    np.testing.assert_allclose(
        assigned["confidence"], 1 - near[:, 0] / near[:, 1], rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("clusters", [2, 4, 10])
def test_the_mixture_from_json_gives_scikit_learn_posteriors(assignments, candidates, clusters):
    row = row_of(candidates, "gaussian_mixture", clusters)
    points = points_of(assignments, row)
    mixture = GaussianMixture(clusters, max_iter=500, random_state=SEED).fit(points)
    posteriors = mixture.predict_proba(points)
    assigned = assignments.assign(row, investor_inputs.investors())
    assert (assigned["cluster"] == mixture.predict(points)).all()
    assert (assigned["second_cluster"] == np.argsort(-posteriors, axis=1)[:, 1]).all()
    np.testing.assert_allclose(assigned["confidence"], posteriors.max(axis=1), rtol=0, atol=1e-9)


def test_agglomerative_clusters_are_given_by_the_nearest_centroid(assignments, candidates):
    row = row_of(candidates, "agglomerative", 3)
    centroids = np.array(json.loads(row["parameters"])["clusters"]["centroids"])
    points = points_of(assignments, row)
    expected = np.linalg.norm(points[:, np.newaxis] - centroids, axis=2).argmin(axis=1)
    assert (assignments.assign(row, investor_inputs.investors())["cluster"] == expected).all()


def test_an_address_is_assigned_from_its_own_features_alone(assignments, candidates):
    features = investor_inputs.investors()
    for row in candidates.to_dict("records"):
        whole = assignments.assign(row, features)
        pd.testing.assert_frame_equal(whole[7:8], assignments.assign(row, features[7:8]))
        assert (whole["cluster"] != whole["second_cluster"]).all()


def test_a_damaged_row_is_refused_with_what_to_do(assignments, candidates):
    good = row_of(candidates, "kmeans", 4) | {"run_id": "0123456789abcdef"}
    parameters = json.loads(good["parameters"])
    space = parameters["space"]
    other_number = json.dumps(parameters | {"space": space | {"centres": [0.0, 0.0, 0.0]}})
    fewer = json.dumps(
        parameters | {"clusters": {"centroids": parameters["clusters"]["centroids"][1:]}}
    )
    for text in (None, "", "{}", "[]", good["parameters"][:100], other_number, fewer):
        with pytest.raises(ValueError, match=r"0123456789abcdef.*Delete the rows.*fit again"):
            assignments.assign(good | {"parameters": text}, investor_inputs.investors())


def test_unknown_features_get_no_row_and_batches_change_nothing(
    assignments, candidates, monkeypatch
):
    features = investor_inputs.investors()
    features.loc[3, "ether_balance"] = np.nan
    row = row_of(candidates, "kmeans", 4) | {"run_id": "r"}
    whole = assignments.assign_batches(features, row, NOW)
    assert len(whole) == len(features) - 1
    assert features.loc[3, "address"] not in set(whole["address"])
    monkeypatch.setattr(assignments, "BATCH_ROWS", 11)
    batched = assignments.assign_batches(features[::-1], row, NOW)
    pd.testing.assert_frame_equal(whole, batched)


def test_without_a_profile_model_the_table_is_empty_typed_and_fillable(
    assignments, profile_models, warehouse, capsys
):
    features = investor_inputs.investors(100)
    features.loc[5, "read_group"] = 0
    warehouse.write("int_investor_profiles__features", features[:0])
    warehouse.write("int_investor_profiles__sample", features[:0])
    warehouse.run(profile_models)
    assert warehouse.run(assignments).empty
    assert "no profile model yet" in capsys.readouterr().out
    empty_types = warehouse.types("investor_profile_assignments")
    assert empty_types["features_fingerprint"] == "VARCHAR"
    assert empty_types["cluster"] == "BIGINT"

    warehouse.write("int_investor_profiles__features", features)
    warehouse.write("int_investor_profiles__sample", features)
    warehouse.run(profile_models)
    made = warehouse.run(assignments)
    assert set(made["address"]) == set(features["address"]) - {features.loc[5, "address"]}
    assert warehouse.types("investor_profile_assignments") == empty_types
    assert warehouse.run(assignments).empty


def test_changed_addresses_and_a_new_run_are_assigned_again(assignments, profile_models, warehouse):
    features = investor_inputs.investors(100)
    warehouse.write("int_investor_profiles__features", features)
    warehouse.write("int_investor_profiles__sample", features)
    warehouse.run(profile_models)
    for expected in (60, 40, 0):
        assert len(warehouse.run(assignments, {"max_scored_addresses": 60})) == expected

    features.loc[8, ["ether_balance", "features_fingerprint"]] = [5000.0, "changed"]
    warehouse.write("int_investor_profiles__features", features)
    made = warehouse.run(assignments)
    assert made["address"].tolist() == [features.loc[8, "address"]]
    assert len(warehouse.read("investor_profile_assignments")) == 100

    warehouse.write("int_investor_profiles__sample", features)
    warehouse.run(profile_models)
    made = warehouse.run(assignments)
    assert len(made) == 100
    assert made["run_id"].nunique() == 1
    assert len(warehouse.read("investor_profile_assignments")) == 200
