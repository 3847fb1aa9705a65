"""Simulated inputs of the scam models, small enough to train on in a test."""

from types import ModuleType

import numpy as np
import pandas as pd

from support.catalogue import feature_catalogue

CUTOFF = pd.Timestamp("2017-10-01")
DATA_END = pd.Timestamp("2018-01-01")

EVALUATIONS = pd.DataFrame(
    [
        ("deployed", "lifetime", "lifetime", "lifetime", "training", "scam", None),
        ("external", "lifetime", "lifetime", "lifetime", "all", "external_scam", None),
        ("validation", "random", "lifetime", "lifetime", "training", "scam", None),
        ("random", "random", "lifetime", "lifetime", "test_fifth", "scam", None),
        ("validation", "past", "past", "past", "training", "scam", CUTOFF),
        ("future", "past", "past", "future", "all", "scam", CUTOFF),
        ("to_date", "past", "past", "lifetime", "all", "scam", CUTOFF),
    ],
    columns=[
        *("evaluation", "fit_name", "train_window_name", "test_window_name"),
        *("tested_addresses", "positive_labels", "cutoff_at"),
    ],
).assign(
    cutoff_at=lambda rows: rows["cutoff_at"].astype("datetime64[us]"),
    negative_labels="unlabelled",
    parameters_from=lambda rows: rows["evaluation"].map({"lead_time": "past"}).fillna("search"),
    train_labels_known_at=lambda rows: rows["cutoff_at"].fillna(DATA_END),
    test_labels_known_at=lambda rows: (
        rows["cutoff_at"].where(rows["tested_addresses"] == "training").fillna(DATA_END)
    ),
)

# What the labels hold where training finds scams: nothing it needs to explain.
SCAM_LABELS = {"scams": 48, "first_reported_at": None, "labels_without_report_time": 48}


def hurry(module: ModuleType) -> None:
    """Give scam_models a search that takes no time and leaves no kind of model out."""
    module.SEARCHES["quick"] = module.SEARCHES["quick"] | {
        "has_comparisons": True,
        "folds": 2,
        "sample": 1,
        "xgboost": module.SEARCHES["full"]["xgboost"],
        "most_rounds": 10,
        "early_stopping_rounds": 5,
        "logistic_regression": {"inverse_penalty": [0.1, 1.0], "class_weight": [None]},
        "random_forest": {"trees": [5], "depth": [3], "positive_weight": ["one", "root"]},
    }


def address_labels(*reported_at: str | None) -> pd.DataFrame:
    """Return a scam label for each report time, or the lack of one."""
    return pd.DataFrame(
        {
            "address": pd.Series(addresses(len(reported_at)), dtype="object"),
            "label_kind": "scam",
            "usage": "training",
            "reported_at": pd.to_datetime(pd.Series(reported_at, dtype="object")).astype(
                "datetime64[us]"
            ),
        }
    )


def addresses(rows: int) -> list[str]:
    """Return well-formed addresses in order."""
    return [f"0x{number:040x}" for number in range(rows)]


def fifths(rows: int) -> np.ndarray:
    """Return the fifth of each of `addresses`."""
    return np.arange(rows) % 5


def features(rows: int, seed: int = 0, share: float = 0.2) -> pd.DataFrame:
    """Return simulated addresses with is_scam and features that tell scams apart, but not fully.

    Gas is unknown, as in the older exports.
    """
    random = np.random.default_rng(seed)
    is_scam = random.random(rows) < share
    columns = {}
    for feature in feature_catalogue():
        logarithm = random.normal(is_scam * random.normal(1, 1, rows), 2)
        if feature["unit"] == "share":
            values = 1 / (1 + np.exp(-logarithm))
        elif feature["data_type"] == "int64":
            values = np.round(np.exp(logarithm) * 1e6).astype("int64")
        else:
            values = np.exp(logarithm) * 1e6
        columns[feature["name"]] = values
    columns["avg_gas_price"] = columns["avg_gas_limit"] = np.full(rows, np.nan)
    return pd.DataFrame(
        {
            "address": addresses(rows),
            "address_fifth": fifths(rows),
            "is_scam": is_scam,
            **columns,
        }
    )


def training_examples(rows: int = 240) -> pd.DataFrame:
    """Return the addresses of every fit: `rows`, but without a fifth for the fit random."""
    fits = []
    for seed, (fit_name, windows) in enumerate(EVALUATIONS.groupby("fit_name")):
        fit = features(rows, seed)
        window = windows.iloc[0]
        fits.append(
            fit.assign(
                fit_name=fit_name,
                is_labelled=fit["is_scam"],
                window_name=window["train_window_name"],
                window_start=pd.Timestamp("2015-07-30"),
                window_end=window["train_labels_known_at"],
                labels_known_at=window["train_labels_known_at"],
            )[(fit["address_fifth"] > 0) | (fit_name != "random")]
        )
    return pd.concat(fits, ignore_index=True)


def evaluation_examples(rows: int = 60) -> pd.DataFrame:
    """Return the tested addresses of every evaluation, the first half seen before the cutoff."""
    examples = []
    for evaluation in EVALUATIONS.to_dict("records"):
        tested = features(rows, seed=7)
        is_old = np.arange(rows) < rows // 2
        is_trained_on = {
            "training": True,
            "test_fifth": False,
            "all": is_old if pd.notna(evaluation["cutoff_at"]) else ~tested["is_scam"],
        }[evaluation["tested_addresses"]]
        tested = tested.assign(
            evaluation=evaluation["evaluation"],
            fit_name=evaluation["fit_name"],
            is_trained_on=is_trained_on,
            is_first_seen_after_cutoff=~is_old & pd.notna(evaluation["cutoff_at"]),
            first_event_at=np.where(is_old, CUTOFF - pd.Timedelta("1s"), CUTOFF),
        )
        if evaluation["tested_addresses"] == "test_fifth":
            tested = tested[tested["address_fifth"] == 0]
        elif evaluation["fit_name"] == "random":
            tested = tested[tested["address_fifth"] > 0]
        examples.append(tested)
    return pd.concat(examples, ignore_index=True)


def incumbent(models: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the table of the incumbent: no row, or the past model of a run that may score."""
    columns = [
        *("run_id", "model_name", "feature_set", "features", "parameters", "calibration"),
        *("model_format", "model", "held_out_models", "window_end"),
    ]
    if models is None:
        return pd.DataFrame(columns=columns, dtype="object").astype(
            {"window_end": "datetime64[us]"}
        )
    is_past = (models["fit_name"] == "past") & (models["model_name"] == "xgboost")
    return models.loc[is_past & (models["feature_set"] == "all"), columns]


def scoring_inputs(rows: int = 100) -> pd.DataFrame:
    """Return addresses to score; the bucket runs against the order of the addresses."""
    return features(rows, seed=11).assign(
        sample_bucket=np.arange(rows)[::-1],
        first_event_at=pd.Timestamp("2016-01-01"),
        features_fingerprint=[f"f{number}" for number in range(rows)],
        read_group=1,
    )
