import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from support import scam_inputs

NOW = datetime(2024, 1, 1, tzinfo=UTC)
TRAINING_END = pd.Timestamp("2017-10-01")


@pytest.fixture(scope="module")
def scam_raw_scores(python_model):
    return python_model("scam_raw_scores")


@pytest.fixture(scope="module")
def champion(trained_scam_models):
    rows = trained_scam_models
    return rows[
        (rows["fit_name"] == "lifetime")
        & (rows["model_name"] == "xgboost")
        & (rows["feature_set"] == "all")
    ]


def test_an_address_is_scored_by_the_model_that_was_fitted_without_it(scam_raw_scores, champion):
    fitted = scam_raw_scores.load_model(champion.iloc[0])
    assert sorted(fitted["held_out"]) == [0, 1, 2, 3, 4]
    frame = scam_inputs.scoring_inputs(1).drop(columns="address_fifth")
    by_fifth = [
        scam_raw_scores.score_batches(fitted, frame.assign(address_fifth=fifth), NOW, TRAINING_END)[
            "score"
        ][0]
        for fifth in range(5)
    ]
    matrix = scam_raw_scores.feature_matrix(frame, fitted["features"], "A test")
    expected = [
        scam_raw_scores.sigmoid(scam_raw_scores.margins(fitted["held_out"][fifth], matrix))[0]
        for fifth in range(5)
    ]
    assert by_fifth == expected
    assert len(set(by_fifth)) == 5


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_an_address_of_after_the_training_is_scored_by_the_model_of_all_rows(
    scam_raw_scores, champion, zone
):
    training_end = TRAINING_END.tz_localize(zone)
    frame = scam_inputs.scoring_inputs(3).assign(
        first_event_at=[training_end - pd.Timedelta("1s"), training_end, pd.NaT],
        address_fifth=[3, 3, 4],
    )
    found = scam_raw_scores.trained_fifths(frame, TRAINING_END)
    assert found.tolist() == [3, scam_raw_scores.NO_FIFTH, 4]
    fitted = scam_raw_scores.load_model(champion.iloc[0])
    scores = scam_raw_scores.score_batches(fitted, frame, NOW, TRAINING_END)
    matrix = scam_raw_scores.feature_matrix(frame, fitted["features"], "A test")
    for position, used in enumerate(
        [fitted["held_out"][3], fitted["model"], fitted["held_out"][4]]
    ):
        margin = scam_raw_scores.margins(used, matrix[position : position + 1])
        assert scores["score"][position] == scam_raw_scores.sigmoid(margin)[0]


def test_a_fifth_without_a_model_of_its_own_is_scored_by_the_model_of_all_rows(
    scam_raw_scores, champion
):
    row = champion.iloc[0].to_dict()
    row["held_out_models"] = json.dumps({"1": json.loads(row["held_out_models"])["1"]})
    row["parameters"] = json.dumps({"scoring_sha256": scam_raw_scores.scoring_digest(row)})
    fitted = scam_raw_scores.load_model(row)
    frame = scam_inputs.scoring_inputs(50)
    scores = scam_raw_scores.score_batches(fitted, frame, NOW, TRAINING_END)
    matrix = scam_raw_scores.feature_matrix(frame, fitted["features"], "A test")
    expected = np.where(
        frame["address_fifth"] == 1,
        scam_raw_scores.margins(fitted["held_out"][1], matrix),
        scam_raw_scores.margins(fitted["model"], matrix),
    )
    assert scores["score"].tolist() == scam_raw_scores.sigmoid(expected).tolist()


def test_batches_give_the_same_rows_as_one_batch(scam_raw_scores, champion, monkeypatch):
    fitted = scam_raw_scores.load_model(champion.iloc[0])
    frame = scam_inputs.scoring_inputs(100)
    whole = scam_raw_scores.score_batches(fitted, frame, NOW, TRAINING_END)
    monkeypatch.setattr(scam_raw_scores, "BATCH_ROWS", 7)
    batched = scam_raw_scores.score_batches(
        fitted, frame.sample(frac=1, random_state=1), NOW, TRAINING_END
    )
    pd.testing.assert_frame_equal(whole, batched)


def test_without_a_champion_the_table_is_empty_typed_and_fillable(
    scam_raw_scores, champion, warehouse, capsys
):
    warehouse.write("int_scam_serving__champion", champion[:0])
    warehouse.write("int_scam_serving__inputs", scam_inputs.scoring_inputs())
    assert warehouse.run(scam_raw_scores).empty
    assert "Train one" in capsys.readouterr().out
    empty_types = warehouse.types("scam_raw_scores")
    assert empty_types["score"] == "DOUBLE"
    assert empty_types["scored_at"] == "TIMESTAMP"

    warehouse.write("int_scam_serving__champion", champion)
    assert len(warehouse.run(scam_raw_scores)) == 100
    assert warehouse.types("scam_raw_scores") == empty_types


def test_only_changed_and_new_addresses_are_scored_again(scam_raw_scores, champion, warehouse):
    inputs = scam_inputs.scoring_inputs(10)
    warehouse.write("int_scam_serving__champion", champion)
    warehouse.write("int_scam_serving__inputs", inputs[:9])
    warehouse.run(scam_raw_scores)
    before = warehouse.read("scam_raw_scores")
    assert warehouse.run(scam_raw_scores).empty
    pd.testing.assert_frame_equal(warehouse.read("scam_raw_scores"), before)

    inputs.loc[4, ["tx_count", "features_fingerprint"]] = [999, "changed"]
    warehouse.write("int_scam_serving__inputs", inputs)
    made = warehouse.run(scam_raw_scores)
    assert set(made["address"]) == {inputs.loc[4, "address"], inputs.loc[9, "address"]}
    after = warehouse.read("scam_raw_scores")
    assert len(after) == 10
    unchanged = ~after["address"].isin(made["address"])
    pd.testing.assert_frame_equal(
        after[unchanged].reset_index(drop=True),
        before[before["address"] != inputs.loc[4, "address"]].reset_index(drop=True),
    )


def test_a_new_champion_scores_everything_again(scam_raw_scores, champion, warehouse):
    warehouse.write("int_scam_serving__inputs", scam_inputs.scoring_inputs(10))
    warehouse.write("int_scam_serving__champion", champion)
    warehouse.run(scam_raw_scores)
    warehouse.write("int_scam_serving__champion", champion.assign(run_id="f" * 16))
    assert len(warehouse.run(scam_raw_scores)) == 10
    assert len(warehouse.read("scam_raw_scores")) == 20


def test_a_limit_scores_the_first_buckets_and_the_next_run_goes_on(
    scam_raw_scores, champion, warehouse
):
    inputs = scam_inputs.scoring_inputs(10)
    warehouse.write("int_scam_serving__champion", champion)
    warehouse.write("int_scam_serving__inputs", inputs)
    by_bucket = inputs.sort_values("sample_bucket")["address"].tolist()
    for part in (by_bucket[:4], by_bucket[4:8], by_bucket[8:], []):
        made = warehouse.run(scam_raw_scores, {"max_scored_addresses": 4})
        assert sorted(made["address"]) == sorted(part)
