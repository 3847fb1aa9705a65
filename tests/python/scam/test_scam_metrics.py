"""The metrics in SQL equal scikit-learn's, also with ties, one class, one row and no row.

The project's compiled SQL runs in DuckDB over made-up scores; each case is one fit.
"""

import hashlib
from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    precision_recall_curve,
    roc_auc_score,
)

from maintenance.compiled_project import (
    DATABASE_NAME,
    CompiledProject,
    build,
    create_schema,
    duckdb_settings,
)
from support.bootstrap import interval, poisson_weights
from support.dbt_project import DbtProject

GIVEN = [
    "scam_evaluation_scores",
    "int_addresses__labels",
    "int_scam_evaluation__run_evaluations",
    "int_addresses__summaries",
    "int_features__backtest_population",
]
MARTS = [
    "scam_model_metrics",
    "scam_calibration",
    "scam_confusion_matrices",
    "scam_policies",
    "scam_threshold_curves",
    "int_scam_evaluation__ranking_replicates",
]
REPLICATES = 200
EXACT = {"rel": 1e-12, "abs": 1e-12}


def cases() -> dict[str, pd.DataFrame]:
    """Made-up test examples by name: is_scam, score and the address."""
    rng = np.random.default_rng(7)

    def sample(rows: int, share: float, digits: int) -> pd.DataFrame:
        is_scam = rng.random(rows) < share
        margin = rng.normal(-2, 1.5, rows) + 1.5 * is_scam
        return pd.DataFrame({"is_scam": is_scam, "score": np.round(sigmoid(margin), digits)})

    frames = {
        "few ties": sample(1500, 0.05, 6),
        "many ties": sample(1500, 0.1, 2),
        "two scores": sample(300, 0.3, 0),
        "shorter than some queues": sample(60, 0.2, 3),
        "one score": sample(120, 0.2, 6).assign(score=0.5),
        "no scam": sample(200, 0.0, 3),
        "only scams": sample(200, 1.0, 3),
        "one scam": sample(200, 0.0, 3).assign(is_scam=[True] + [False] * 199),
        "one row": pd.DataFrame({"is_scam": [True], "score": [0.25]}),
        "extreme scores": pd.DataFrame({"is_scam": [True, False] * 6, "score": [1.0, 0.0] * 6}),
    }
    perfect = sample(400, 0.1, 4)
    frames["perfect"] = perfect.assign(score=np.where(perfect.is_scam, 0.9, 0.1))
    return {name: frame.assign(address=addresses(len(frame))) for name, frame in frames.items()}


def sigmoid(margin: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-margin))


def addresses(rows: int) -> list[str]:
    return [f"0x{hashlib.sha1(str(i).encode()).hexdigest()}" for i in range(rows)]


CASES = cases()


def evaluation_scores(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Each case as tested addresses of the future; its first half is what the fit learnt from."""
    parts = []
    for name, frame in frames.items():
        scored = frame.assign(
            run_id="run",
            evaluation="future",
            fit_name=name,
            model_name="xgboost",
            feature_set="all",
            scam_probability=frame.score**2,
            is_held_out=np.arange(len(frame)) % 4 == 0,
            is_first_seen_after_cutoff=np.arange(len(frame)) % 3 == 0,
            event_count=1 + np.arange(len(frame)) % 7,
            value_received_wei=10.0 ** (15 + np.arange(len(frame)) % 6),
        )
        parts.append(scored)
        half = scored.head((len(scored) + 1) // 2)
        parts.append(
            half.assign(evaluation="validation", is_held_out=True, is_first_seen_after_cutoff=False)
        )
    return pd.concat(parts, ignore_index=True)


def labels(scores: pd.DataFrame) -> pd.DataFrame:
    """Every second address has a report time, external labels have none; a third are reviews.

    Every fifth is on a second list, which has no report times.
    """
    known = pd.DataFrame({"address": sorted(scores.address.unique())})
    training = known.assign(usage="training", is_report_time_known=np.arange(len(known)) % 2 == 0)
    external = known.assign(usage="external", is_report_time_known=False)
    sources = np.where(np.arange(len(known)) % 3 == 0, "reviews", "a_list")
    training["source"] = external["source"] = sources
    second = training[::5].assign(is_report_time_known=False, source="a_second_list")
    return pd.concat([training, external, second]).assign(label_kind="scam")


def known_addresses(scores: pd.DataFrame) -> pd.DataFrame:
    """Every tenth address is labelled benign, every tenth is a token."""
    rows = pd.DataFrame({"address": sorted(scores.address.unique())})
    number = np.arange(len(rows))
    return rows.assign(
        label_state=np.where(number % 10 == 0, "benign", "unlabelled"),
        entity_category=pd.Series([None] * len(rows), dtype="string"),
        is_token=number % 10 == 1,
        is_contract=number % 10 == 1,
    )


def populations(scores: pd.DataFrame) -> pd.DataFrame:
    """One in 40 unlabelled addresses was drawn, over 25 days."""
    rows = scores[["run_id", "evaluation", "fit_name"]].drop_duplicates()
    return rows.assign(
        tested_addresses=np.where(rows.evaluation == "validation", "training", "all"),
        positive_labels="scam",
        negative_labels="unlabelled",
        unlabelled_sample_percent=2.5,
        training_days=25.0,
        least_events=3,
        cutoff_at=pd.Timestamp("2022-01-01"),
        test_labels_known_at=pd.Timestamp("2023-01-01"),
    )


class Marts:
    """The marts over some scores, as data frames by name."""

    def __init__(self, compiled: CompiledProject, scores: pd.DataFrame) -> None:
        with duckdb.connect() as connection:
            for name, value in duckdb_settings().items():
                connection.execute(f"set {name} = '{value}'")
            connection.execute(f"attach ':memory:' as \"{DATABASE_NAME}\"")
            known = known_addresses(scores)
            drawn = known[["address"]].assign(is_labelled=known.label_state != "unlabelled")
            given = [scores, labels(scores), populations(scores), known, drawn]
            for name, frame in zip(GIVEN, given, strict=True):
                create_schema(connection, compiled.nodes[name])
                connection.register("frame", frame)
                connection.execute(f"create table {compiled.relation(name)} as select * from frame")
            build(connection, compiled.lineage(MARTS, given=GIVEN))
            self.frames = {
                name: connection.execute(f"select * from {compiled.relation(name)}").df()
                for name in MARTS
            }

    def of(
        self, mart: str, case: str, evaluation: str = "future", subset: str = "all"
    ) -> pd.DataFrame:
        frame = self.frames[mart]
        is_asked = (frame.fit_name == case) & (frame.evaluation == evaluation)
        return frame[is_asked & (frame.subset == subset)]

    def metrics(self, case: str, evaluation: str = "future", subset: str = "all") -> pd.DataFrame:
        return self.of("scam_model_metrics", case, evaluation, subset).set_index("metric_name")


@pytest.fixture(scope="module")
def compiled(dbt: DbtProject) -> CompiledProject:
    return dbt.compiled(
        " ".join(GIVEN) + " scam_evaluation_scores+", bootstrap_replicates=REPLICATES
    )


@pytest.fixture(scope="module")
def marts(compiled: CompiledProject) -> Iterator[Marts]:
    return Marts(compiled, evaluation_scores(CASES))


def recall_at(rows: pd.DataFrame, percent: int, weights: np.ndarray) -> float:
    precision, recall, _ = precision_recall_curve(
        rows.is_scam, rows.score, sample_weight=weights, drop_intermediate=False
    )
    # The curve starts with precision 1 at recall 0, where nobody is flagged.
    return recall[precision >= percent / 100 - 1e-15].max()


def ranking_metrics(rows: pd.DataFrame, weights: np.ndarray) -> dict[str, float]:
    drawn = rows[weights > 0]
    weights = weights[weights > 0]
    positives = weights[drawn.is_scam].sum()
    if positives == 0:
        return {}
    precision = average_precision_score(drawn.is_scam, drawn.score, sample_weight=weights)
    metrics = {
        "average_precision": precision,
        "average_precision_lift": precision / (positives / weights.sum()),
        **{
            f"recall_at_{percent}_precision": recall_at(drawn, percent, weights)
            for percent in (80, 90, 95)
        },
    }
    if positives < weights.sum():
        metrics["roc_auc"] = roc_auc_score(drawn.is_scam, drawn.score, sample_weight=weights)
    return metrics


RANKING = [
    "average_precision",
    "average_precision_lift",
    "roc_auc",
    "recall_at_80_precision",
    "recall_at_90_precision",
    "recall_at_95_precision",
]


@pytest.mark.parametrize("subset", ["all", "first_seen_after_cutoff"])
@pytest.mark.parametrize("case", CASES)
def test_ranking_metrics_equal_scikit_learn(marts: Marts, case: str, subset: str) -> None:
    rows = CASES[case]
    if subset != "all":
        rows = rows[np.arange(len(rows)) % 3 == 0]
    expected = ranking_metrics(rows, np.ones(len(rows)))
    found = marts.metrics(case, subset=subset).metric_value
    assert {name: found[name] for name in expected} == pytest.approx(expected, **EXACT)
    assert found[[name for name in RANKING if name not in expected]].isna().all()


@pytest.mark.parametrize("case", CASES)
def test_bands_of_value_are_judged_apart(marts: Marts, case: str) -> None:
    rows = CASES[case].assign(exponent=15 + np.arange(len(CASES[case])) % 6)
    bands = {
        "received_below_0.1_eth": [15, 16],
        "received_0.1_to_1_eth": [17],
        "received_1_to_10_eth": [18],
        "received_10_to_200_eth": [19, 20],
    }
    for subset, exponents in bands.items():
        part = rows[rows.exponent.isin(exponents)]
        found = marts.metrics(case, subset=subset)
        if part.empty:
            assert found.empty
            continue
        expected = ranking_metrics(part, np.ones(len(part)))
        expected["brier_score"] = brier_score_loss(
            part.is_scam, part.score**2, pos_label=True, labels=[False, True]
        )
        values = found.metric_value
        assert {name: values[name] for name in expected} == pytest.approx(expected, **EXACT)
        assert (found.examples == len(part)).all()
    assert marts.metrics(case, "validation", subset).empty


@pytest.mark.parametrize("least", [3, 5])
@pytest.mark.parametrize("case", ["few ties", "many ties", "one row"])
def test_addresses_with_few_events_are_left_out_of_a_subset(
    marts: Marts, case: str, least: int
) -> None:
    rows = CASES[case][1 + np.arange(len(CASES[case])) % 7 >= least]
    found = marts.metrics(case, subset=f"at_least_{least}_events")
    if rows.empty:
        assert found.empty
        return
    expected = ranking_metrics(rows, np.ones(len(rows)))
    assert {name: found.metric_value[name] for name in expected} == pytest.approx(expected, **EXACT)
    assert (found.examples == len(rows)).all()


def test_every_metric_says_what_its_examples_are_a_sample_of(marts: Marts) -> None:
    metrics = marts.frames["scam_model_metrics"]
    assert (metrics.unlabelled_sample_percent == 2.5).all()
    assert (metrics.least_events == 3).all()
    assert (metrics.negative_labels == "unlabelled").all()


def test_every_promised_metric_is_there(marts: Marts) -> None:
    names = set(marts.metrics("few ties").index)
    assert names >= {
        *RANKING,
        *(f"precision_at_{k}" for k in (10, 50, 100, 500)),
        "brier_score",
        "calibration_error",
        *(
            f"{policy}_{rate}"
            for policy in ("clean_queue", "wide_net", "budget")
            for rate in ("precision", "recall")
        ),
    }


@pytest.mark.parametrize("case", ["few ties", "many ties", "one scam"])
def test_bootstrap_intervals_are_those_of_weighted_scikit_learn(marts: Marts, case: str) -> None:
    rows = CASES[case]
    replicates = pd.DataFrame(
        ranking_metrics(rows, poisson_weights(replicate, rows.address))
        for replicate in range(1, REPLICATES + 1)
    )
    found = marts.metrics(case)
    for name in RANKING:
        low, high = interval(replicates[name].dropna())
        assert found.interval_low[name] == pytest.approx(low, **EXACT), name
        assert found.interval_high[name] == pytest.approx(high, **EXACT), name
        assert found.interval_method[name] == "bootstrap"


def test_bootstrap_weights_are_poisson_with_mean_one(marts: Marts) -> None:
    rows = CASES["few ties"]
    weights = np.array([poisson_weights(replicate, rows.address) for replicate in range(1, 201)])
    assert weights.mean() == pytest.approx(1, abs=0.02)
    assert weights.var() == pytest.approx(1, abs=0.02)
    # Independent from address to address and from replicate to replicate.
    assert weights.mean(axis=1).std() == pytest.approx(1 / np.sqrt(len(rows)), rel=0.15)
    assert weights.mean(axis=0).std() == pytest.approx(1 / np.sqrt(200), rel=0.15)


@pytest.mark.parametrize("case", CASES)
def test_precision_in_a_queue_is_the_mean_over_orders_of_ties(marts: Marts, case: str) -> None:
    rows = CASES[case]
    found = marts.metrics(case)
    for k in (10, 50, 100, 500):
        row = found.loc[f"precision_at_{k}"]
        if k > len(rows) or not rows.is_scam.any():
            assert pd.isna(row.metric_value)
            assert pd.isna(row.interval_low)
            continue
        last = np.sort(rows.score)[::-1][k - 1]
        above, tied = rows[rows.score > last], rows[rows.score == last]
        hits = above.is_scam.sum() + (k - len(above)) * tied.is_scam.mean()
        assert row.metric_value == pytest.approx(hits / k, **EXACT)
        assert row.interval_low <= row.metric_value <= row.interval_high


@pytest.mark.parametrize("case", CASES)
def test_probability_metrics_equal_scikit_learn(marts: Marts, case: str) -> None:
    rows = CASES[case]
    probability = rows.score**2
    found = marts.metrics(case).metric_value
    brier = brier_score_loss(rows.is_scam, probability, pos_label=True, labels=[False, True])
    assert found["brier_score"] == pytest.approx(brier, **EXACT)

    bins = np.minimum((probability * 10).astype(int), 9)
    grouped = pd.DataFrame({"p": probability, "y": rows.is_scam.astype(float)}).groupby(bins)
    gap = (grouped.p.mean() - grouped.y.mean()).abs() * grouped.size()
    assert found["calibration_error"] == pytest.approx(gap.sum() / len(rows), **EXACT)
    calibration = marts.of("scam_calibration", case).set_index("bin_number").sort_index()
    assert list(calibration.index) == [index + 1 for index in sorted(set(bins))]
    assert calibration.examples.sum() == len(rows)
    np.testing.assert_allclose(calibration.mean_probability, grouped.p.mean(), rtol=1e-12)


def queue(case: str) -> pd.DataFrame:
    """Addresses that can become alerts among those the fit learnt from, the likeliest first."""
    learnt = CASES[case].head((len(CASES[case]) + 1) // 2)
    known = known_addresses(evaluation_scores(CASES)).set_index("address").loc[learnt.address]
    is_left_out = (known.label_state == "benign") | known.is_token
    rows = learnt[~learnt.is_scam & ~is_left_out.to_numpy()]
    return rows.assign(scam_probability=rows.score**2).sort_values("score", ascending=False)


def policy_names(case: str) -> set[str]:
    """Policies of a case: none if its fit learnt from no scam, or nobody can become an alert."""
    learnt = CASES[case].head((len(CASES[case]) + 1) // 2)
    has_policies = learnt.is_scam.any() and not queue(case).empty
    return {"clean_queue", "wide_net", "budget"} if has_policies else set()


def longest(lengths: pd.DataFrame, is_met: pd.Series) -> float | None:
    """The lowest score whose queue meets a condition."""
    return lengths.index[is_met].min() if is_met.any() else None


@pytest.mark.parametrize("case", CASES)
def test_policies_hold_among_the_addresses_that_can_become_alerts(marts: Marts, case: str) -> None:
    policies = marts.frames["scam_policies"].query("fit_name == @case").set_index("policy_name")
    rows = queue(case)
    assert set(policies.index) == policy_names(case)
    if policies.empty:
        return
    assert set(policies.chosen_on) == {"validation"}
    assert set(policies.queue_of) == {"unreported"}
    # Each stands for 40.
    groups = rows.groupby("score").scam_probability.agg(["size", "sum"]).sort_index(ascending=False)
    lengths = 40 * groups.cumsum()
    total = lengths.iloc[-1]

    clean = longest(lengths, lengths["sum"] / lengths["size"] >= 0.75)
    wide = lengths.index[lengths["sum"] >= 0.9 * total["sum"]].max() if total["sum"] else None
    thresholds = {
        "clean_queue": clean,
        "wide_net": wide if clean is None else min(wide, clean),
        "budget": longest(lengths, lengths["size"] / 25 <= 100),
    }
    for name, threshold in thresholds.items():
        policy = policies.loc[name]
        assert policy.is_met == (threshold is not None)
        assert policy.queue_addresses == total["size"]
        assert policy.queue_expected_scams == pytest.approx(total["sum"], rel=1e-7)
        if threshold is None:
            assert pd.isna(policy.threshold_score)
            assert policy.expected_alerts == 0
            assert "empty" in policy.policy_reason
            continue
        flagged = rows[rows.score >= threshold]
        assert policy.threshold_score == threshold
        assert policy.expected_alerts == 40 * len(flagged)
        assert policy.alerts_per_day == 40 * len(flagged) / 25
        expected = flagged.scam_probability.sum()
        assert policy.expected_scams == pytest.approx(40 * expected, rel=1e-7)
        assert policy.expected_precision == pytest.approx(expected / len(flagged), rel=1e-7)
        if total["sum"]:
            share = expected / rows.scam_probability.sum()
            assert policy.expected_recall == pytest.approx(share, rel=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_policies_count_in_every_evaluation(marts: Marts, case: str) -> None:
    policies = marts.frames["scam_policies"].query("fit_name == @case").set_index("policy_name")
    rows = CASES[case]
    matrices = marts.of("scam_confusion_matrices", case).set_index("policy_name")
    metrics = marts.metrics(case)
    assert set(policies.index) == policy_names(case)
    for name, policy in policies.iterrows():
        # Nobody is flagged where no threshold meets the condition.
        flagged = rows.score >= policy.threshold_score
        counted = matrices.loc[name]
        assert confusion_matrix(rows.is_scam, flagged, labels=[False, True]).ravel().tolist() == [
            counted.true_negatives,
            counted.false_positives,
            counted.false_negatives,
            counted.true_positives,
        ]
        row = metrics.loc[f"{name}_recall"]
        wilson = binomtest(int(counted.true_positives), int(rows.is_scam.sum())).proportion_ci(
            method="wilson"
        )
        assert row.metric_value == pytest.approx(flagged[rows.is_scam].mean(), **EXACT)
        assert [row.interval_low, row.interval_high] == pytest.approx(list(wilson), **EXACT)


@pytest.mark.parametrize("case", CASES)
def test_curve_points_lie_on_the_curve_and_skip_at_most_one_percent(
    marts: Marts, case: str
) -> None:
    rows = CASES[case]
    curve = marts.of("scam_threshold_curves", case).sort_values("threshold_score", ascending=False)
    assert 0 < len(curve) <= 200
    for point in curve.itertuples():
        flagged = rows.score >= point.threshold_score
        assert point.flagged == flagged.sum()
        assert point.true_positives == rows.is_scam[flagged].sum()
        assert point.precision == pytest.approx(rows.is_scam[flagged].mean(), **EXACT)
    assert curve.flagged.iloc[-1] == len(rows)
    group = rows.score.value_counts(normalize=True).max()
    assert np.diff(curve.flagged / len(rows), prepend=0).max() <= 0.01 + group + 1e-12


@pytest.mark.parametrize("case", CASES)
def test_every_metric_stands_beside_its_numbers(marts: Marts, case: str) -> None:
    rows = CASES[case]
    metrics = marts.metrics(case)
    assert (metrics.examples == len(rows)).all()
    assert (metrics.positives == rows.is_scam.sum()).all()
    assert metrics.held_out_share.to_numpy() == pytest.approx((len(rows) + 3) // 4 / len(rows))
    assert (metrics.cutoff_at == pd.Timestamp("2022-01-01")).all()
    assert metrics.prevalence.to_numpy() == pytest.approx(rows.is_scam.mean(), **EXACT)
    if rows.is_scam.any():
        table = labels(evaluation_scores(CASES)).query("usage == 'training'")
        by_address = table.assign(is_review=table.source == "reviews").groupby("address")
        all_labels = by_address[["is_report_time_known", "is_review"]].all()
        tested = all_labels.loc[rows.address[rows.is_scam]]
        unknown = 1 - tested.is_report_time_known.mean()
        found = metrics.unknown_report_time_share.to_numpy()
        assert found == pytest.approx(unknown, **EXACT)
        reviewed = tested.is_review.mean()
        found = metrics.reviewed_only_share.to_numpy()
        assert found == pytest.approx(reviewed, **EXACT)
    else:
        for name in ("unknown_report_time_share", "reviewed_only_share"):
            assert metrics[name].isna().all()


def test_no_scores_give_empty_marts(compiled: CompiledProject) -> None:
    empty = Marts(compiled, evaluation_scores(CASES).head(0))
    assert {name: len(frame) for name, frame in empty.frames.items()} == dict.fromkeys(MARTS, 0)
