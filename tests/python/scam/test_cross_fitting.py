"""A trained address is scored by a model that was fitted without its fifth of the addresses."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from support import scam_inputs
from support.catalogue import catalogue_table

# Enough of everything to learn each row by heart.
MEMORISING = {
    "xgboost": {
        **{"max_depth": 12, "eta": 0.5, "min_child_weight": 0, "subsample": 1.0, "rounds": 20},
        **{"reg_lambda": 0.0, "positive_weight": "one"},
    },
    "random_forest": {"trees": 50, "depth": 14, "positive_weight": "balanced"},
    "logistic_regression": {"inverse_penalty": 1e4, "class_weight": None},
}


@pytest.fixture(scope="module")
def scam_models(python_model):
    """The module with parameters that memorise, in place of a search."""
    module = python_model("scam_models")
    scam_inputs.hurry(module)

    def memorise(data, model_name, search):
        defaults = module.XGBOOST_DEFAULTS if model_name == "xgboost" else {}
        return {**defaults, **MEMORISING[model_name], "chosen_by": "a test"}

    module.choose = memorise
    return module


@pytest.fixture(scope="module")
def scam_evaluation_scores(python_model):
    return python_model("scam_evaluation_scores")


def lifetime_examples(rows=240, **columns):
    examples = scam_inputs.training_examples(rows)
    return examples[examples["fit_name"] == "lifetime"].assign(**columns)


def fit(scam_models, examples, model_name="xgboost"):
    """The row of one model on all features."""
    examples = examples.sort_values("address")
    catalogue = catalogue_table()
    data = scam_models.training_data(
        examples, scam_models.feature_sets(catalogue)["all"], [], 100, "quick"
    )
    row = scam_models.fit_row(data, examples, model_name, "quick")
    key = {"fit_name": "lifetime", "model_name": model_name, "feature_set": "all"}
    return {"run_id": "a" * 16, **key, **row}


def scores(scam_evaluation_scores, row, examples, is_trained_on=True):
    tested = examples.assign(
        evaluation="deployed", is_trained_on=is_trained_on, is_first_seen_after_cutoff=False
    )
    return scam_evaluation_scores.score_model(row, tested.sort_values("address"))


@pytest.mark.parametrize("model_name", MEMORISING)
def test_labels_drawn_by_lot_are_not_found_again(scam_models, scam_evaluation_scores, model_name):
    lot = np.random.default_rng(3).permutation(np.arange(600) < 120)
    # More rows than features, or a regression finds every lot.
    examples = lifetime_examples(600, is_scam=lot)
    row = fit(scam_models, examples, model_name)
    held_out = scores(scam_evaluation_scores, row, examples)
    assert held_out["is_held_out"].all()
    assert len(held_out) == 600
    found = average_precision_score(held_out["is_scam"], held_out["score"])
    assert found == pytest.approx(0.2, abs=0.05)

    # The model of all rows knows them by heart.
    seen = scores(scam_evaluation_scores, row, examples, is_trained_on=False)
    assert not seen["is_held_out"].any()
    remembered = average_precision_score(seen["is_scam"], seen["score"])
    assert remembered > (0.4 if model_name == "logistic_regression" else 0.99)


@pytest.mark.parametrize("model_name", MEMORISING)
@pytest.mark.parametrize("fifth", [0, 3])
def test_nothing_of_a_fifth_reaches_the_model_without_it(scam_models, model_name, fifth):
    examples = lifetime_examples()
    is_in_fifth = examples["address_fifth"] == fifth
    # Of this fifth another label and a value that nobody else has.
    turned = examples.assign(
        is_scam=examples["is_scam"] ^ is_in_fifth,
        burstiness=examples["burstiness"].mask(is_in_fifth, 1e12),
    )
    one, other = (fit(scam_models, each, model_name) for each in (examples, turned))
    models, changed_models = (json.loads(row["held_out_models"]) for row in (one, other))
    same = {name for name in models if models[name] == changed_models[name]}
    assert same == {str(fifth)}
    assert one["model"] != other["model"]


@pytest.mark.parametrize("model_name", MEMORISING)
def test_a_sign_of_one_fifth_is_known_to_the_models_that_saw_it_alone(scam_models, model_name):
    examples = lifetime_examples()
    # In fifth 2 whoever has this value is a scam, which no other address has.
    is_marked = (examples["address_fifth"] == 2) & examples["is_scam"]
    examples = examples.assign(burstiness=np.where(is_marked, 1e12, 0.0))
    row = fit(scam_models, examples, model_name)
    fitted = scam_models.load_model(row)
    matrix = scam_models.feature_matrix(examples, fitted["features"], "A test")
    marked, plain = matrix[:40].copy(), matrix[:40].copy()
    column = fitted["features"].index("burstiness")
    marked[:, column], plain[:, column] = 1e12, 0.0

    def rises(model):
        return scam_models.margins(model, marked) - scam_models.margins(model, plain)

    for fifth in (0, 1, 3, 4):
        assert (rises(fitted["held_out"][fifth]) > 0).any()
    assert (rises(fitted["model"]) > 0).any()
    assert (rises(fitted["held_out"][2]) == 0).all()


@pytest.mark.parametrize("are_others_scams", [False, True])
def test_trained_rows_of_a_fifth_without_a_model_are_not_evaluated(
    scam_models, scam_evaluation_scores, are_others_scams
):
    examples = lifetime_examples()
    is_in_fifth = examples["address_fifth"] == 4
    half = np.arange(len(examples)) % 2 == 0
    examples = examples.assign(is_scam=np.where(is_in_fifth, half, are_others_scams))
    row = fit(scam_models, examples)
    assert set(json.loads(row["held_out_models"])) == {"0", "1", "2", "3"}
    assert "of 192 training addresses" in json.loads(row["calibration"])["fitted_on"]

    tested = scores(scam_evaluation_scores, row, examples)
    assert set(tested["address"]) == set(examples.loc[~is_in_fifth, "address"])
    # Whom it was not trained on it scores whatever their fifth.
    untrained = scores(scam_evaluation_scores, row, examples, is_trained_on=~is_in_fifth)
    assert set(untrained["address"]) == set(examples["address"])


def test_whoever_was_not_trained_on_is_scored_by_the_model_of_all_rows(
    scam_models, scam_evaluation_scores
):
    examples = lifetime_examples()
    row = fit(scam_models, examples)
    others = scam_inputs.features(100, seed=9)
    others["address"] = [address.replace("0x0", "0x1") for address in others["address"]]
    is_trained_on = pd.Series([True] * len(examples) + [False] * len(others))
    together = pd.concat([examples, others], ignore_index=True)
    found = scores(scam_evaluation_scores, row, together, is_trained_on).set_index("address")
    fitted = scam_models.load_model(row)
    matrix = scam_models.feature_matrix(others, fitted["features"], "A test")
    expected = scam_models.sigmoid(scam_models.margins(fitted["model"], matrix))
    assert (found.loc[others["address"], "score"].to_numpy() == expected).all()
    assert (found["is_held_out"].to_numpy() == is_trained_on.to_numpy()).all()
