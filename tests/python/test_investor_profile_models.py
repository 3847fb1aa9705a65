import json

import investor_inputs
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, StandardScaler

SEED = 1


@pytest.fixture(scope="module")
def profile_models(python_model):
    return python_model("investor_profile_models")


@pytest.fixture(scope="module")
def candidates(profile_models):
    return profile_models.fit_candidates(investor_inputs.investors(), SEED)


def test_each_algorithm_is_tried_with_two_to_ten_clusters(candidates):
    counts = candidates.groupby("algorithm")["clusters"].agg(["min", "max", "nunique"])
    assert set(counts.index) == {"kmeans", "gaussian_mixture", "agglomerative"}
    assert (counts == [2, 10, 9]).all(axis=None)
    assert candidates["is_selected"].sum() == 1
    assert candidates["selection_reason"].str.len().min() > 0
    assert (candidates["bic"].notna() == (candidates["algorithm"] == "gaussian_mixture")).all()


def test_the_three_simulated_kinds_are_found(candidates):
    selected = candidates[candidates["is_selected"]].iloc[0]
    assert selected["clusters"] == 3
    assert selected["smallest_cluster_share"] > 0.2


def test_the_space_from_json_equals_the_scikit_learn_recipe(profile_models, candidates):
    matrix = profile_models.feature_matrix(investor_inputs.investors())
    recipe = make_pipeline(
        PowerTransformer(standardize=False), StandardScaler(), PCA(3, svd_solver="full")
    )
    expected = recipe.fit_transform(matrix)
    space = json.loads(candidates["parameters"].iloc[0])["space"]
    np.testing.assert_allclose(profile_models.to_space(matrix, space), expected, rtol=0, atol=1e-9)


def test_silhouettes_are_taken_in_the_fitted_and_in_the_reference_space(
    profile_models, candidates, python_model
):
    features = investor_inputs.investors()
    row = candidates[(candidates["algorithm"] == "kmeans") & (candidates["clusters"] == 4)].iloc[0]
    labels = python_model("investor_profile_assignments").assign(features, row)["cluster"]
    matrix = profile_models.feature_matrix(features)
    points = profile_models.to_space(matrix, json.loads(row["parameters"])["space"])
    reference = make_pipeline(FunctionTransformer(np.log1p), StandardScaler()).fit_transform(matrix)
    assert row["silhouette"] == pytest.approx(silhouette_score(points, labels), abs=1e-9)
    assert row["reference_silhouette"] == pytest.approx(
        silhouette_score(reference, labels), abs=1e-9
    )


@pytest.mark.parametrize("power", [-1.5, 0.0, 0.7, 2.0, 3.0])
def test_the_power_transform_equals_scikit_learn(profile_models, power):
    values = np.array([-50.0, -1.0, -1e-9, 0.0, 1e-9, 0.5, 3.0, 1e7])
    transformer = PowerTransformer(standardize=False).fit(values[:, np.newaxis] / 1e7)
    transformer.lambdas_ = np.array([power])
    expected = transformer.transform(values[:, np.newaxis])[:, 0]
    np.testing.assert_allclose(profile_models.yeo_johnson(values, power), expected, rtol=1e-7)


def made_up(rows):
    columns = ["algorithm", "clusters", "silhouette", "smallest_cluster_share"]
    return pd.DataFrame(rows, columns=columns)


def test_the_highest_silhouette_with_three_clusters_of_some_size_is_selected(profile_models):
    chosen = profile_models.select(
        made_up(
            [
                ("kmeans", 2, 0.9, 0.4),
                ("kmeans", 3, 0.8, 0.019),
                ("kmeans", 4, 0.5, 0.02),
                ("gaussian_mixture", 4, 0.5, 0.1),
                ("agglomerative", 5, 0.4, 0.1),
            ]
        )
    )
    assert chosen["is_selected"].tolist() == [False, False, True, False, False]
    reasons = chosen["selection_reason"]
    assert reasons[0] == "fewer than 3 clusters"
    assert reasons[1] == "a cluster is under 2% of the sample"
    assert reasons[3] == "lower fitted silhouette than kmeans with 4 clusters"


def test_when_none_qualifies_the_best_is_taken_and_the_reason_says_so(profile_models):
    chosen = profile_models.select(made_up([("kmeans", 2, 0.9, 0.4), ("kmeans", 3, 0.95, 0.001)]))
    assert chosen["is_selected"].tolist() == [False, True]
    assert chosen["selection_reason"][1].startswith("bar missed")


def test_the_same_rows_give_the_same_candidates(profile_models, candidates):
    again = profile_models.fit_candidates(investor_inputs.investors(), SEED)
    pd.testing.assert_frame_equal(again, candidates)


def altered(name):
    frame = investor_inputs.investors(60)
    random = np.random.default_rng(3)
    match name:
        case "constant tokens":
            frame[["unique_tokens", "unique_transfers"]] = 0
        case "nearly constant balance":
            frame["ether_balance"] = 32 + 1e-9 * random.random(60)
        case "one whale":
            frame[["unique_tokens", "unique_transfers"]] = 0
            frame["ether_balance"] = np.where(frame.index == 5, 1.2e8, 1.0)
        case "two distinct rows":
            frame["ether_balance"] = np.where(frame.index < 30, 1.0, 50.0)
            frame[["unique_tokens", "unique_transfers"]] = 0
        case "few distinct rows":
            frame["ether_balance"] = frame.index % 4 + 1.0
            frame["unique_tokens"] = frame.index % 3
            frame["unique_transfers"] = frame.index % 2
        case "negative balances":
            frame["ether_balance"] = random.normal(0, 1e6, 60)
        case "huge balances":
            frame["ether_balance"] = 10 ** random.uniform(0, 18, 60)
        case "unknown and infinite":
            frame["unique_tokens"] = frame["unique_tokens"].astype("Int64")
            frame.loc[0, "unique_tokens"] = pd.NA
            frame.loc[1, "ether_balance"] = np.inf
    return frame


@pytest.mark.parametrize(
    "name",
    [
        "constant tokens",
        "nearly constant balance",
        "one whale",
        "two distinct rows",
        "few distinct rows",
        "negative balances",
        "huge balances",
        "unknown and infinite",
    ],
)
def test_degenerate_features_are_fitted_and_assigned_without_warnings(
    profile_models, python_model, name
):
    features = altered(name)
    assignments = python_model("investor_profile_assignments")
    found = profile_models.fit_candidates(features, SEED)
    usable = 58 if name == "unknown and infinite" else 60
    for row in found.to_dict("records"):
        assert row["sample_rows"] == usable
        assigned = assignments.assign(features, row)
        assert assigned["cluster"].notna().sum() == usable
        assert assigned["confidence"].dropna().between(0, 1).all()
    if name not in ("two distinct rows", "one whale"):
        assert found["is_selected"].sum() == 1


@pytest.mark.parametrize("name", ["nine rows", "all equal", "no rows"])
def test_too_little_to_cluster_gives_no_candidates_and_says_so(profile_models, name, capsys):
    features = investor_inputs.investors(9 if name == "nine rows" else 50)
    if name == "all equal":
        features[profile_models.FEATURES] = 7
    if name == "no rows":
        features = features[:0]
    found = profile_models.fit_candidates(features, SEED)
    assert found.empty
    assert list(found.columns) == profile_models.CANDIDATE_COLUMNS
    assert "profiles" in capsys.readouterr().out


def test_the_sample_size_comes_from_the_var_else_from_the_search(profile_models):
    assert profile_models.sample_size("quick", None) == 2_000
    assert profile_models.sample_size("full", None) == 10_000
    assert profile_models.sample_size("full", 500) == 500
    with pytest.raises(ValueError, match="must be quick or full"):
        profile_models.sample_size("slow", None)
    with pytest.raises(ValueError, match="profile_sample_size is 3"):
        profile_models.sample_size("quick", 3)


def test_contracts_entities_and_ineligible_addresses_do_not_enter_the_fit(
    profile_models, warehouse
):
    features = investor_inputs.investors(100)
    features.loc[0, "is_contract"] = True
    features.loc[1, "entity_category"] = "exchange"
    features.loc[2, "is_eligible"] = False
    warehouse.write("int_investor_features", features)
    made = warehouse.run(profile_models)
    assert set(made["sample_rows"]) == {97}


def test_the_sample_is_the_same_whatever_the_order_and_grows_by_hash(profile_models, warehouse):
    def sample(frame, rows):
        warehouse.write("investors", frame)
        relation = warehouse.connection.query("select * from investors")
        sql = profile_models.sample_query(relation, rows)
        return set(profile_models.query(warehouse.connection, sql)["address"])

    features = investor_inputs.investors(100)
    assert sample(features, 30) == sample(features.sample(frac=1, random_state=1), 30)
    assert sample(features, 30) < sample(features, 40)


def test_an_empty_chain_makes_an_empty_table_and_a_run_is_stored_once(
    profile_models, warehouse, capsys
):
    features = investor_inputs.investors(100)
    warehouse.write("int_investor_features", features[:0])
    assert warehouse.run(profile_models).empty
    empty_types = warehouse.types("investor_profile_models")
    assert empty_types["selection_reason"] == "VARCHAR"
    assert empty_types["trained_at"] == "TIMESTAMP"

    warehouse.write("int_investor_features", features)
    made = warehouse.run(profile_models)
    assert len(warehouse.read("investor_profile_models")) == len(made) == 27
    assert warehouse.types("investor_profile_models") == empty_types

    stored = warehouse.read("investor_profile_models")
    assert warehouse.run(profile_models).empty
    assert "already stored" in capsys.readouterr().out
    pd.testing.assert_frame_equal(warehouse.read("investor_profile_models"), stored)

    warehouse.write("int_investor_features", features[1:])
    assert set(warehouse.run(profile_models)["run_id"]).isdisjoint(stored["run_id"])
