from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from support import scam_inputs

NOW = datetime(2024, 1, 1, tzinfo=UTC)
TRAINING_END = pd.Timestamp("2017-10-01")


@pytest.fixture(scope="module")
def scam_explanations(python_model):
    return python_model("scam_explanations")


@pytest.fixture(scope="module")
def champion(trained_scam_models):
    rows = trained_scam_models
    is_scorer = (rows["model_name"] == "xgboost") & (rows["feature_set"] == "all")
    return rows[is_scorer & (rows["fit_name"] == "lifetime")]


def inputs(rows: int) -> pd.DataFrame:
    """Addresses to explain, in the order of their fingerprints."""
    return scam_inputs.scoring_inputs(rows).assign(explanation_rank=np.arange(rows) + 1)


def test_the_contributions_of_an_address_sum_to_the_log_odds_of_its_score(
    scam_explanations, python_model, champion
):
    fitted = scam_explanations.load_model(champion.iloc[0])
    frame = inputs(100)
    # Some addresses appeared after the training.
    frame.loc[:9, "first_event_at"] = TRAINING_END
    rows = scam_explanations.explain(fitted, frame, NOW, TRAINING_END)
    scores = python_model("scam_raw_scores").score_batches(fitted, frame, NOW, TRAINING_END)
    margin = rows.groupby("address")["contribution"].sum()
    # XGBoost adds 32-bit floats.
    expected = np.log(scores["score"] / (1 - scores["score"]))
    np.testing.assert_allclose(margin, expected, rtol=0, atol=1e-5)


def test_every_feature_of_an_address_has_a_row_with_its_value(scam_explanations, champion):
    fitted = scam_explanations.load_model(champion.iloc[0])
    frame = inputs(3).sample(frac=1, random_state=1)
    rows = scam_explanations.explain(fitted, frame, NOW, TRAINING_END)
    assert rows["address"].tolist() == sorted(rows["address"])
    for address, found in rows.groupby("address"):
        assert found["feature_name"].tolist() == [*fitted["features"], "bias"]
        given = frame.set_index("address").loc[address]
        for row in found.iloc[:-1].itertuples():
            value = given[row.feature_name]
            assert row.feature_value == value or (pd.isna(row.feature_value) and np.isnan(value))
        assert pd.isna(found["feature_value"].iloc[-1])
        assert set(found["features_fingerprint"]) == {given["features_fingerprint"]}


def test_a_feature_that_the_model_ignores_contributes_nothing(scam_explanations, champion):
    fitted = scam_explanations.load_model(champion.iloc[0])
    rows = scam_explanations.explain(fitted, inputs(20), NOW, TRAINING_END)
    # The input has no gas, so no tree can split on it.
    by_feature = rows.groupby("feature_name")["contribution"].apply(lambda values: values != 0)
    assert not by_feature["avg_gas_price"].any()
    assert by_feature.drop(["avg_gas_price", "avg_gas_limit", "bias"]).any()


def test_without_a_champion_the_table_is_empty_typed_and_fillable(
    scam_explanations, champion, warehouse
):
    warehouse.write("int_scam_serving__champion", champion[:0])
    warehouse.write("int_scam_serving__explanation_inputs", inputs(4))
    assert warehouse.run(scam_explanations).empty
    types = warehouse.types("scam_explanations")
    assert types["contribution"] == "DOUBLE"

    warehouse.write("int_scam_serving__champion", champion)
    assert warehouse.run(scam_explanations)["address"].nunique() == 4
    assert warehouse.types("scam_explanations") == types


def test_nobody_to_explain_gives_no_rows(scam_explanations, champion, warehouse):
    warehouse.write("int_scam_serving__champion", champion)
    warehouse.write("int_scam_serving__explanation_inputs", inputs(4)[:0])
    assert warehouse.run(scam_explanations).empty


def test_only_changed_and_new_addresses_are_explained_again(scam_explanations, champion, warehouse):
    frame = inputs(5)
    warehouse.write("int_scam_serving__champion", champion)
    warehouse.write("int_scam_serving__explanation_inputs", frame[:4])
    warehouse.run(scam_explanations)
    assert warehouse.run(scam_explanations).empty

    frame.loc[1, ["tx_count", "features_fingerprint"]] = [999, "changed"]
    warehouse.write("int_scam_serving__explanation_inputs", frame)
    made = warehouse.run(scam_explanations)
    assert set(made["address"]) == {frame.loc[1, "address"], frame.loc[4, "address"]}
    stored = warehouse.read("scam_explanations")
    assert not stored.duplicated(["run_id", "address", "feature_name"]).any()
    assert stored["address"].nunique() == 5

    warehouse.write("int_scam_serving__champion", champion.assign(run_id="f" * 16))
    assert warehouse.run(scam_explanations)["address"].nunique() == 5


def test_a_limit_explains_the_likeliest_first_and_the_next_run_goes_on(
    scam_explanations, champion, warehouse, monkeypatch
):
    monkeypatch.setattr(scam_explanations, "MOST_ADDRESSES", 2)
    frame = inputs(5).assign(explanation_rank=[5, 4, 3, 2, 1])
    warehouse.write("int_scam_serving__champion", champion)
    warehouse.write("int_scam_serving__explanation_inputs", frame)
    by_rank = frame["address"].tolist()[::-1]
    for part in (by_rank[:2], by_rank[2:4], by_rank[4:], []):
        made = warehouse.run(scam_explanations)
        assert sorted(made["address"].unique()) == sorted(part)
