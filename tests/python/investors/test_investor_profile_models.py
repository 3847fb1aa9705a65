"""The candidates, their figures against scikit-learn, the selection rule and degenerate input."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.cluster.hierarchy import cut_tree, ward
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, silhouette_samples, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from support import PROJECT_DIRECTORY, investor_inputs

SEED = 1
EARLIER_WORK = {"recipe": "power_transform", "algorithm": "kmeans", "clusters": 4}


@pytest.fixture(scope="module")
def profile_models(python_model):
    return python_model("investor_profile_models")


@pytest.fixture(scope="module")
def hurried(python_model):
    """The same with fewer candidates and draws, for what does not depend on their number."""
    module = python_model("investor_profile_models")
    investor_inputs.hurry(module)
    return module


@pytest.fixture(scope="module")
def every_candidate(profile_models):
    """All recipes, each with its stability, as the full search makes them."""
    draws = profile_models.RESAMPLES, profile_models.SELECTION_DRAWS
    profile_models.RESAMPLES, profile_models.SELECTION_DRAWS = 3, 2
    every = profile_models.fit_candidates(
        investor_inputs.investors(), SEED, list(profile_models.RECIPES), measure_all=True
    )
    profile_models.RESAMPLES, profile_models.SELECTION_DRAWS = draws
    return every


@pytest.fixture(scope="module")
def candidates(profile_models):
    """What a data scientist gets from a table of just the three features."""
    features = investor_inputs.investors()[profile_models.FEATURES]
    return profile_models.fit_candidates(features, SEED)


def row_of(candidates, recipe, algorithm, clusters):
    wanted = {"recipe": recipe, "algorithm": algorithm, "clusters": clusters}
    return candidates[(candidates[list(wanted)] == pd.Series(wanted)).all(axis=1)].iloc[0].to_dict()


def points_of(profile_models, row):
    space = json.loads(row["parameters"])["space"]
    matrix = profile_models.feature_matrix(investor_inputs.investors(), space["features"])
    return profile_models.to_space(matrix, space)


def test_each_recipe_and_algorithm_is_tried_with_two_to_ten_clusters(every_candidate):
    counts = every_candidate.groupby(["recipe", "algorithm"])["clusters"].agg(
        ["min", "max", "size"]
    )
    assert len(counts) == 5 * 3
    assert (counts == [2, 10, 9]).all(axis=None)
    assert every_candidate["is_selected"].sum() == 1
    assert every_candidate["selection_reason"].str.len().min() > 0
    is_mixture = every_candidate["algorithm"] == "gaussian_mixture"
    assert (every_candidate["bic"].notna() == is_mixture).all()
    assert (every_candidate["stability_state"] == "measured").all()
    assert every_candidate["stability"].between(-0.5, 1).all()


def test_a_table_of_just_the_three_features_gives_candidates_that_assign(
    profile_models, candidates
):
    features = investor_inputs.investors()[profile_models.FEATURES]
    assert set(candidates["recipe"]) == {"power_transform", "log"}
    assert list(candidates.columns) == profile_models.CANDIDATE_COLUMNS
    selected = candidates[candidates["is_selected"]].iloc[0]
    assert profile_models.assign(selected, features)["cluster"].nunique() == selected["clusters"]


def test_the_clusters_of_such_a_table_have_names(profile_models, candidates):
    features = investor_inputs.investors()[profile_models.FEATURES]
    selected = candidates[candidates["is_selected"]].iloc[0]
    assigned = profile_models.assign(selected, features)
    names = profile_models.name_profiles(features, assigned["cluster"])
    assert names.index.tolist() == list(range(selected["clusters"]))
    assert names.is_unique
    medians = features.groupby(assigned["cluster"].astype("int64")).median()
    assert names[medians["unique_transfers"].idxmax()].endswith("token trader")
    assert names[medians["unique_tokens"].idxmax()].endswith("diversified collector")
    assert names[medians["ether_balance"].idxmax()].endswith("whale")
    # Only who knows the number of transactions can say who is active.
    busy = features.assign(transactions=assigned["cluster"].map({0: 1, 1: 100, 2: 4}))
    again = profile_models.name_profiles(busy, assigned["cluster"])
    assert again.tolist() == ["dormant " + names[0], "active " + names[1], names[2]]


def test_alike_clusters_get_a_number_and_rows_without_a_cluster_do_not_count(profile_models):
    rows = [(1, 0), (1, 0), (1, 1), (1, 1), (1, 1), (1000, pd.NA), (50, 2)]
    features = pd.DataFrame({"ether_balance": [ether for ether, _ in rows]})
    features = features.assign(unique_tokens=0, unique_transfers=0).set_index(
        pd.Index(range(7, 14))
    )
    clusters = pd.Series([cluster for _, cluster in rows], features.index, dtype="Int64")
    names = profile_models.name_profiles(features, clusters)
    assert names.to_dict() == {0: "ether holder 2", 1: "ether holder", 2: "whale"}
    assert clusters.map(names).isna().tolist() == [False] * 5 + [True, False]
    assert profile_models.name_profiles(features[:0], clusters[:0]).empty


def test_names_are_those_of_the_sql_rules(profile_models):
    """The cases of the SQL's own unit test."""
    path = PROJECT_DIRECTORY / "models/intermediate/investor_profiles"
    unit_tests = yaml.safe_load((path / "_investor_profiles__unit_tests.yml").read_text())
    (rules,) = [
        test for test in unit_tests["unit_tests"] if test["model"] == "int_investor_profiles__rules"
    ]
    expected = {row["cluster"]: row["rule_name"] for row in rules["expect"]["rows"]}
    names = [*profile_models.FEATURES, "transactions"]
    found = {
        row["cluster"]: profile_models.rule_name(
            {name: row[f"median_{name}"] for name in names},
            {name: row[f"population_median_{name}"] for name in names},
        )
        for row in rules["given"][0]["rows"]
    }
    assert len(expected) > 5
    assert found == expected


def test_further_columns_widen_the_recipes_unless_they_are_not_known_for_every_row(hurried, capsys):
    features = investor_inputs.investors(40)
    assert "log_activity" in set(hurried.fit_candidates(features, SEED)["recipe"])
    features.loc[3, "active_days"] = np.nan
    found = hurried.fit_candidates(features, SEED)
    assert "log_activity" not in set(found["recipe"])
    assert set(found["sample_rows"]) == {40}
    assert "Recipe log_activity is left out" in capsys.readouterr().out


def test_the_three_simulated_kinds_are_found(candidates):
    selected = candidates[candidates["is_selected"]].iloc[0]
    assert selected["clusters"] == 3
    assert selected["smallest_cluster_share"] > 0.2
    assert selected["stability"] > 0.9
    assert selected["is_bar_met"]


LOG = FunctionTransformer(np.log1p)
PIPELINES = {
    "power_transform": (PowerTransformer(standardize=False), StandardScaler()),
    "log": (LOG, StandardScaler()),
    "robust_log": (LOG, RobustScaler()),
    "quantile": (QuantileTransformer(n_quantiles=101), StandardScaler()),
}


@pytest.mark.parametrize("recipe", PIPELINES)
def test_the_space_from_json_equals_the_scikit_learn_recipe(
    profile_models, every_candidate, recipe
):
    features = investor_inputs.investors()[profile_models.FEATURES].to_numpy(dtype="float64")
    pipeline = make_pipeline(*PIPELINES[recipe], PCA(3, svd_solver="full"))
    expected = pipeline.fit_transform(features)
    points = points_of(profile_models, row_of(every_candidate, recipe, "kmeans", 4))
    # PCA also centres, and its directions have no sign.
    points = points - points.mean(axis=0)
    np.testing.assert_allclose(np.abs(points), np.abs(expected), rtol=0, atol=1e-9)


@pytest.mark.parametrize("recipe", ["power_transform", "log", "log_activity"])
@pytest.mark.parametrize("clusters", [2, 4, 10])
@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture"])
def test_metrics_from_json_equal_those_of_a_scikit_learn_fit(
    profile_models, every_candidate, recipe, clusters, algorithm
):
    features = investor_inputs.investors()
    row = row_of(every_candidate, recipe, algorithm, clusters)
    points = points_of(profile_models, row)
    if algorithm == "kmeans":
        fit = KMeans(clusters, n_init=10, random_state=SEED).fit(points)
        assert np.isnan(row["bic"])
    else:
        fit = GaussianMixture(clusters, max_iter=500, random_state=SEED).fit(points)
        assert row["bic"] == pytest.approx(fit.bic(points), rel=1e-9)
    labels = profile_models.assign(row, features)["cluster"].to_numpy(dtype="int64")
    assert (labels == fit.predict(points)).all()
    reference = make_pipeline(LOG, StandardScaler()).fit_transform(
        features[profile_models.FEATURES]
    )
    shares = np.bincount(labels) / len(labels)
    assert row["silhouette"] == pytest.approx(silhouette_score(points, labels), abs=1e-9)
    assert row["reference_silhouette"] == pytest.approx(
        silhouette_score(reference, labels), abs=1e-9
    )
    assert row["smallest_cluster_share"] == shares.min()
    assert row["fit_agreement"] == 1


def test_agglomerative_is_wards_and_says_how_far_nearest_centroids_agree(
    profile_models, every_candidate
):
    row = row_of(every_candidate, "log", "agglomerative", 4)
    points = points_of(profile_models, row)
    fitted = AgglomerativeClustering(4).fit_predict(points)
    assert adjusted_rand_score(fitted, cut_tree(ward(points), 4)[:, 0]) == 1
    centroids = np.array([points[fitted == label].mean(axis=0) for label in range(4)])
    nearest = np.linalg.norm(points[:, np.newaxis] - centroids, axis=2).argmin(axis=1)
    assert row["fit_agreement"] == np.mean(nearest == fitted)
    assert row["fit_agreement"] < 1
    assigned = profile_models.assign(row, investor_inputs.investors())["cluster"]
    assert adjusted_rand_score(nearest, assigned) == 1


def test_silhouettes_of_several_clusterings_equal_those_one_by_one(profile_models):
    random = np.random.default_rng(4)
    points = random.normal(size=(70, 3))
    points[:20] = points[0]
    labels = [random.permutation(np.arange(70) % clusters) for clusters in (2, 5)]
    labels.append(np.r_[0, np.ones(69, dtype="int64")])  # one point alone
    found = profile_models.silhouettes(points, labels)
    for column, label in zip(found.T, labels, strict=True):
        np.testing.assert_allclose(column, silhouette_samples(points, label), rtol=0, atol=1e-9)


def test_stability_is_the_mean_agreement_with_refits_on_resamples(profile_models, monkeypatch):
    monkeypatch.setattr(profile_models, "ALGORITHMS", ["kmeans"])
    monkeypatch.setattr(profile_models, "CLUSTERS", [3, 4])
    features = investor_inputs.investors(80)
    found = profile_models.fit_candidates(features, SEED, ["log"], measure_all=True)
    row = row_of(found, "log", "kmeans", 4)
    own = profile_models.assign(row, features)["cluster"]
    agreements = []
    for number in range(20):
        drawn = np.random.default_rng([SEED, number]).integers(0, 80, 80)
        space = make_pipeline(LOG, StandardScaler()).fit(
            features[profile_models.FEATURES].to_numpy()[drawn]
        )
        whole = space.transform(features[profile_models.FEATURES].to_numpy())
        again = KMeans(4, n_init=10, random_state=SEED).fit(whole[drawn]).predict(whole)
        agreements.append(adjusted_rand_score(own, again))
    # Turning the space by PCA leaves distances as they are, and so K-means.
    assert row["stability"] == pytest.approx(np.mean(agreements), abs=1e-9)
    assert row["stability"] < 1


@pytest.mark.parametrize("power", [-1.5, 0.0, 0.7, 2.0, 3.0])
def test_the_power_transform_equals_scikit_learn(profile_models, power):
    values = np.array([-50.0, -1.0, -1e-9, 0.0, 1e-9, 0.5, 3.0, 1e7])
    transformer = PowerTransformer(standardize=False).fit(values[:, np.newaxis] / 1e7)
    transformer.lambdas_ = np.array([power])
    expected = transformer.transform(values[:, np.newaxis])[:, 0]
    np.testing.assert_allclose(profile_models.yeo_johnson(values, power), expected, rtol=1e-7)


def made_up(rows):
    """Candidates as `select` reads them, and a stand-in that measures their stability."""
    names = ["recipe", "algorithm", "clusters", "silhouette", "reference_silhouette"]
    frame = pd.DataFrame(rows, columns=[*names, "smallest_cluster_share", "true_stability"])
    # Far above shuffled rows, and no half sample prefers any, unless a test says so.
    frame = frame.assign(shuffled_silhouette=0.2, silhouette_interval=0.05, selection_share=0.0)
    measured = []

    def measure(index, least=0.0):
        measured.append(index)
        value = frame.loc[index, "true_stability"]
        return value if value >= least else np.nan

    return frame, measure, measured


EARLIER = ("power_transform", "kmeans", 4, 0.40, 0.45, 0.10, 0.90)


def test_the_shortlist_and_the_decision_need_nothing_to_be_measured(profile_models):
    frame, _, _ = made_up(
        [
            EARLIER,
            ("log", "kmeans", 2, 0.90, 0.90, 0.40, 1.00),
            ("log", "kmeans", 3, 0.80, 0.80, 0.20, 0.79),
            ("log", "kmeans", 4, 0.70, 0.70, 0.20, 0.80),
        ]
    )
    shortfall = profile_models.shortlist(frame)
    assert shortfall.tolist() == ["", "fewer than 3 clusters", "", ""]
    decided = profile_models.decide(frame, shortfall, frame["true_stability"])
    assert decided["is_selected"].tolist() == [False, False, False, True]
    assert decided["is_bar_met"].tolist() == [True, False, False, True]
    assert decided["selection_reason"][2] == "stability below 0.8"


def test_the_highest_reference_silhouette_that_meets_the_bar_is_selected(profile_models):
    frame, measure, measured = made_up(
        [
            EARLIER,
            ("log", "kmeans", 2, 0.90, 0.90, 0.40, 1.00),
            ("log", "kmeans", 3, 0.80, 0.80, 0.019, 1.00),
            ("log", "kmeans", 5, 0.75, 0.449, 0.10, 1.00),
            ("log", "kmeans", 6, 0.70, 0.60, 0.10, 0.799),
            ("log", "kmeans", 4, 0.60, 0.45, 0.02, 0.80),
            ("log", "gaussian_mixture", 4, 0.60, 0.499, 0.10, 0.99),
        ]
    )
    frame.loc[5, "reference_silhouette"] = 0.451
    chosen = profile_models.select(frame, measure)
    assert chosen.index[chosen["is_selected"]].tolist() == [5]
    assert chosen["selection_reason"].tolist() == [
        "less preferred than kmeans with 4 clusters on log",
        "fewer than 3 clusters",
        "a cluster is under 2% of the sample",
        "reference-space silhouette below that of the earlier work's recipe",
        "stability below 0.8",
        "preferred in most half samples of those that meet the bar",
        "less preferred than kmeans with 4 clusters on log",
    ]
    assert chosen["is_bar_met"].tolist()[:6] == [True, False, False, False, False, True]
    assert chosen["is_bar_met"].isna().tolist() == [False] * 6 + [True]
    # Only what the rule needs is measured, and the others say why not.
    assert measured == [0, 4, 5]
    assert chosen["stability"].notna().sum() == 3
    assert chosen["stability_state"][1] == "not computed: fewer than 3 clusters"
    assert chosen["stability_state"][5] == "measured"


@pytest.mark.parametrize(
    ("lead", "stability", "kept"),
    [(0.019, 0.8, True), (0.021, 0.8, False), (0.0, 0.79, False)],
)
def test_an_incumbent_that_meets_the_bar_is_kept_unless_beaten_clearly(
    profile_models, lead, stability, kept
):
    frame, measure, _ = made_up(
        [
            EARLIER,
            ("log", "kmeans", 4, 0.60, 0.60 + lead, 0.10, 0.90),
            ("log", "kmeans", 3, 0.60, 0.60, 0.10, stability),
        ]
    )
    incumbent = {"recipe": "log", "algorithm": "kmeans", "clusters": 3}
    chosen = profile_models.select(frame, measure, incumbent)
    assert chosen.index[chosen["is_selected"]].tolist() == [2 if kept else 1]
    if kept:
        assert chosen["selection_reason"][2].startswith("incumbent kept")
        assert chosen["selection_reason"][1] == "does not beat the incumbent by 0.02"


def test_when_none_meets_the_bar_the_most_stable_is_taken_and_the_reason_says_so(profile_models):
    frame, measure, _ = made_up(
        [
            ("power_transform", "kmeans", 4, 0.40, 0.45, 0.10, 0.50),
            ("log", "kmeans", 2, 0.90, 0.90, 0.40, 0.95),
            ("log", "kmeans", 3, 0.80, 0.80, 0.20, 0.79),
            ("log", "kmeans", 4, 0.95, 0.80, 0.001, 0.94),
        ]
    )
    chosen = profile_models.select(frame, measure)
    # Two clusters are no profiles, however stable.
    assert chosen.index[chosen["is_selected"]].tolist() == [2]
    assert chosen["selection_reason"][2].startswith("bar missed")
    assert not chosen["is_bar_met"].fillna(value=True).any()


@pytest.mark.parametrize("worst", [0.3, 0.7, 0.88])
def test_what_is_measured_suffices_for_the_choice(profile_models, worst):
    """The choice is that of a search that measures every candidate."""
    random = np.random.default_rng(5)
    measured_shares, bars = [], set()
    for _ in range(40):
        rows = [
            ("log", "kmeans", clusters, *random.uniform(0.3, 0.7, 2), 0.1, random.uniform(worst, 1))
            for clusters in range(2, 10)
        ]
        frame, measure, measured = made_up([EARLIER, *rows])
        frame.loc[0, "true_stability"] = random.uniform(worst, 1)
        frame["reference_silhouette"] = random.uniform(0.4, 0.6, len(frame))
        frame["shuffled_silhouette"] = random.choice([0.2, 0.9])
        frame["selection_share"] = random.choice([0, 0.1, 0.4], len(frame))
        incumbent = random.choice([None, {"recipe": "log", "algorithm": "kmeans", "clusters": 4}])
        chosen = profile_models.select(frame, measure, incumbent)
        measured_shares.append(len(measured) / len(frame))
        every = profile_models.select(frame, measure, incumbent, measure_all=True)
        assert chosen["is_selected"].tolist() == every["is_selected"].tolist()
        bars.add(every["is_bar_met"].any())
    assert bars == {True, False}
    assert np.mean(measured_shares) < 0.7


def test_a_candidate_must_be_above_shuffled_rows_by_more_than_its_interval(profile_models):
    frame, measure, _ = made_up(
        [
            EARLIER,
            ("log", "kmeans", 3, 0.60, 0.60, 0.20, 0.90),
            ("log", "kmeans", 4, 0.55, 0.55, 0.20, 0.90),
        ]
    )
    frame.loc[1, "shuffled_silhouette"] = 0.55
    chosen = profile_models.select(frame, measure)
    assert chosen["is_selected"].tolist() == [False, False, True]
    assert chosen["selection_reason"][1] == profile_models.NOT_ABOVE_SHUFFLED
    frame["shuffled_silhouette"] = [0.4, 0.6, 0.55]
    chosen = profile_models.select(frame, measure)
    assert chosen["is_selected"].tolist() == [False, True, False]
    assert "column-shuffled" in chosen["selection_reason"][1]


def test_what_most_half_samples_prefer_is_selected(profile_models):
    frame, measure, _ = made_up(
        [
            EARLIER,
            ("log", "kmeans", 3, 0.60, 0.60, 0.20, 0.90),
            ("log", "kmeans", 4, 0.61, 0.61, 0.20, 0.90),
        ]
    )
    frame["selection_share"] = [0.0, 0.6, 0.4]
    assert profile_models.select(frame, measure)["is_selected"].tolist() == [False, True, False]


def test_shuffled_columns_leave_nothing_where_only_one_feature_varies(hurried):
    features = investor_inputs.investors(400).assign(unique_tokens=0, unique_transfers=0)
    found = hurried.fit_candidates(features, SEED, ["log"])
    assert (found["shuffled_silhouette"] == found["silhouette"]).all()
    assert not found["is_bar_met"].fillna(value=False).any()
    assert found.loc[found["is_selected"], "clusters"].item() >= hurried.LEAST_CLUSTERS


def test_a_refit_is_given_up_once_it_cannot_be_the_most_stable(profile_models, monkeypatch):
    monkeypatch.setattr(profile_models, "ALGORITHMS", ["kmeans"])
    monkeypatch.setattr(profile_models, "CLUSTERS", [3, 10])
    features = investor_inputs.investors(60)
    found = profile_models.fit_candidates(features, SEED, ["log"])
    row = row_of(found, "log", "kmeans", 10)
    resamples = profile_models.resample(features, "log", SEED)
    whole = profile_models.stability(row, features, resamples, SEED)
    assert 0 < whole < 1
    assert profile_models.stability(row, features, resamples, SEED, whole - 1e-9) == whole
    assert np.isnan(profile_models.stability(row, features, resamples, SEED, 0.99))


def test_the_same_rows_give_the_same_candidates(hurried):
    features = investor_inputs.investors()[hurried.FEATURES]
    once, again = (hurried.fit_candidates(features, SEED) for _ in range(2))
    pd.testing.assert_frame_equal(again, once)


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
def test_degenerate_features_are_fitted_and_assigned_without_warnings(hurried, name):
    features = altered(name)
    found = hurried.fit_candidates(features, SEED)
    usable = 58 if name == "unknown and infinite" else 60
    for row in found.to_dict("records"):
        assert row["sample_rows"] == usable
        assigned = hurried.assign(row, features)
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


def test_the_newest_selected_candidate_is_the_incumbent_and_a_known_run_writes_nothing(
    hurried, capsys
):
    sample = investor_inputs.investors(100)
    first = hurried.train(sample, "quick", pd.DataFrame(columns=hurried.COLUMNS))
    chosen = first[first["is_selected"]].iloc[0]
    older = first.assign(run_id="oldest", trained_at=first["trained_at"] - pd.Timedelta(days=1))
    newer = first.assign(run_id="newest", trained_at=first["trained_at"] + pd.Timedelta(days=1))
    assert hurried.train(sample, "quick", pd.concat([first, older])).empty
    assert "nothing changed" in capsys.readouterr().out
    assert hurried.train(sample, "quick", pd.concat([newer, first])).empty
    said = capsys.readouterr().out
    assert "nothing changed" not in said
    assert "Profiles still come from the newest run, newest." in said

    # Were it not the incumbent, another number of clusters would be selected.
    wanted = {"recipe": "log", "algorithm": "kmeans", "clusters": 3}
    assert chosen[list(wanted)].to_dict() != wanted
    rival = row_of(first, *wanted.values())
    assert chosen["silhouette"] - rival["silhouette"] < 0.02
    others = first.assign(
        is_selected=(first[list(wanted)] == pd.Series(wanted)).all(axis=1), run_id="earlier"
    )
    second = hurried.train(sample, "quick", pd.concat([others, older]))
    kept = second[second["is_selected"]].iloc[0]
    assert kept[list(wanted)].to_dict() == wanted
    assert kept["selection_reason"].startswith("incumbent kept")
    assert set(second["run_id"]) == set(first["run_id"])


def test_the_selected_row_says_where_its_clustering_puts_the_sample(hurried):
    features = investor_inputs.investors(100)
    none = pd.DataFrame(columns=hurried.COLUMNS)
    made = hurried.train(features[::-1], "quick", none)
    assert (made["sample_points"].notna() == made["is_selected"]).all()
    row = made[made["is_selected"]].iloc[0].to_dict()
    found = pd.DataFrame(json.loads(row["sample_points"]))
    assert found["address"].tolist() == features["address"].tolist()

    space = json.loads(row["parameters"])["space"]
    points = hurried.to_space(hurried.feature_matrix(features, space["features"]), space)
    assigned = hurried.assign(row, features)["cluster"]
    assert (found["cluster"].to_numpy() == assigned.to_numpy()).all()
    expected = silhouette_samples(points, assigned)
    np.testing.assert_allclose(found["silhouette"], expected, rtol=5e-5, atol=1e-9)
    assert found["silhouette"].mean() == pytest.approx(row["silhouette"], abs=1e-5)
    components = found[["first_component", "second_component"]]
    np.testing.assert_allclose(components, points[:, :2], rtol=5e-5)
    # Principal components: uncorrelated, the first with the larger spread.
    assert found["first_component"].var() >= found["second_component"].var()
    assert found["first_component"].corr(found["second_component"]) == pytest.approx(0, abs=1e-4)

    again = hurried.train(features, "quick", none)
    assert again["sample_points"].dropna().tolist() == [row["sample_points"]]


def test_the_points_of_ten_thousand_addresses_stay_under_a_megabyte(profile_models, candidates):
    features = investor_inputs.investors(10_000)
    selected = candidates[candidates["is_selected"]].iloc[0]
    assert len(profile_models.sample_points(selected, features)) < 800_000


def test_a_search_that_does_not_exist_is_refused(profile_models):
    sample = investor_inputs.investors(20)
    with pytest.raises(ValueError, match="must be quick or full"):
        profile_models.train(sample, "slow", pd.DataFrame(columns=profile_models.COLUMNS))
    with pytest.raises(KeyError, match="no recipe 'logs'"):
        profile_models.fit_candidates(sample, SEED, ["logs"])


def test_an_empty_chain_makes_an_empty_table_and_a_run_is_stored_once(hurried, warehouse, capsys):
    features = investor_inputs.investors(100)
    warehouse.write("int_investor_profiles__sample", features[:0])
    assert warehouse.run(hurried).empty
    empty_types = warehouse.types("investor_profile_models")
    assert empty_types["selection_reason"] == empty_types["sample_points"] == "VARCHAR"
    assert empty_types["trained_at"] == "TIMESTAMP"

    warehouse.write("int_investor_profiles__sample", features)
    made = warehouse.run(hurried)
    assert len(warehouse.read("investor_profile_models")) == len(made) == 3 * 3 * 4
    assert warehouse.types("investor_profile_models") == empty_types

    stored = warehouse.read("investor_profile_models")
    assert warehouse.run(hurried).empty
    assert "already stored" in capsys.readouterr().out
    pd.testing.assert_frame_equal(warehouse.read("investor_profile_models"), stored)

    warehouse.write("int_investor_profiles__sample", features[1:])
    assert set(warehouse.run(hurried)["run_id"]).isdisjoint(stored["run_id"])
