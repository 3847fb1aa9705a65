"""Simulated inputs of the scam models, small enough to train on in a test."""

from functools import cache
from types import ModuleType

import numpy as np
import pandas as pd

from support.oracle import DICTIONARY_COLUMNS, INTEGER_COLUMNS
from support.python_models import load

VIEWS = pd.DataFrame(
    [
        ("random", "none", "random", "lifetime", "lifetime"),
        ("external", "none", "random", "lifetime", "lifetime"),
        ("time", "2017-10-01 00:00:00", "time", "past", "future"),
        ("time_to_date", "2017-10-01 00:00:00", "time", "past", "to_date"),
        ("lifetime", "none", "lifetime", "lifetime", None),
    ],
    columns=["view", "cutoff", "fit_name", "train_window_name", "test_window_name"],
)

FEATURE_WINDOWS = pd.DataFrame(
    {"window_name": ["lifetime", "future"], "data_end_at": [pd.Timestamp("2018-01-01")] * 2}
)
# What the labels hold where training finds scams: nothing it needs to explain.
SCAM_LABELS = {"scams": 48, "first_reported_at": None, "labels_without_report_time": 48}


@cache
def model_features() -> list[str]:
    """Return the dictionary and what other features the models of scam_models see."""
    module = load("scam_models")
    return list(dict.fromkeys(DICTIONARY_COLUMNS + module.BEHAVIOUR + module.EXPOSURE))


def hurry(module: ModuleType) -> None:
    """Give scam_models a search that takes no time."""
    quick = module.SEARCHES["quick"]
    small = {"trees": [5], "leaves": [8], "least_leaf": [2], "class_weight": [None]}
    module.SEARCHES["quick"] = quick | {
        "folds": 2,
        "sample": 1,
        "most_rounds": 10,
        "early_stopping_rounds": 5,
        "random_forest": small,
        "extra_trees": small,
    }


def address_labels(*reported_at: str | None) -> pd.DataFrame:
    """Return a scam label for each report time, or the lack of one."""
    address = [f"0x{number:040x}" for number in range(len(reported_at))]
    return pd.DataFrame(
        {
            "address": pd.Series(address, dtype="object"),
            "label_kind": "scam",
            "usage": "training",
            "reported_at": pd.to_datetime(pd.Series(reported_at, dtype="object")).astype(
                "datetime64[us]"
            ),
        }
    )


def features(rows: int, seed: int = 0, share: float = 0.2) -> pd.DataFrame:
    """Return simulated addresses with is_scam and features that tell scams apart, but not fully.

    Gas is unknown, as in the older exports.
    """
    random = np.random.default_rng(seed)
    is_scam = random.random(rows) < share
    columns = {
        name: np.exp(random.normal(is_scam * random.normal(1, 1, rows), 2)) * 1e6
        for name in model_features()
    }
    for name in INTEGER_COLUMNS:
        columns[name] = np.round(columns[name]).astype("int64")
    columns["avg_gas_price"] = columns["avg_gas_limit"] = np.full(rows, np.nan)
    address = [f"0x{number:040x}" for number in range(rows)]
    return pd.DataFrame({"address": address, "is_scam": is_scam, **columns})


def training_examples(rows: int = 240) -> pd.DataFrame:
    """Return rows addresses a fit, a third of them in the validation split."""
    fits = []
    for seed, fit_name in enumerate(sorted(set(VIEWS["fit_name"]))):
        fit = features(rows, seed)
        split = np.where(np.arange(rows) % 3 == 0, "validation", "train")
        fits.append(
            fit.assign(
                fit_name=fit_name,
                split=split,
                address_fifth=np.where(split == "validation", 1, np.resize([0, 2, 3, 4], rows)),
                is_labelled=fit["is_scam"],
                window_name="past" if fit_name == "time" else "lifetime",
                window_start=pd.Timestamp("2015-07-30"),
                window_end=pd.Timestamp("2017-10-01"),
                labels_known_at=pd.Timestamp("2017-10-01"),
            )
        )
    return pd.concat(fits, ignore_index=True)


def evaluation_examples(rows: int = 60) -> pd.DataFrame:
    """Return test and validation addresses of every view, without a test for the lifetime."""
    examples = []
    for view in VIEWS.to_dict("records"):
        for split in ("validation", "test"):
            if view["view"] == "lifetime" and split == "test":
                continue
            examples.append(
                features(rows, seed=7).assign(
                    view=view["view"],
                    cutoff=view["cutoff"],
                    split=split,
                    address_fifth=1 if split == "validation" else 0,
                    is_first_seen_after_cutoff=False,
                )
            )
    return pd.concat(examples, ignore_index=True)


def scoring_inputs(rows: int = 100) -> pd.DataFrame:
    """Return addresses to score; the bucket runs against the order of the addresses."""
    return features(rows, seed=11).assign(
        address_bucket=np.arange(rows)[::-1],
        address_fifth=np.arange(rows) % 5,
        first_event_at=pd.Timestamp("2016-01-01"),
        features_fingerprint=[f"f{number}" for number in range(rows)],
    )
