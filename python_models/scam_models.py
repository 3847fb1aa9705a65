"""Train the scam models and return each as one row that scorers rebuild it from.

A run trains every fit (a split of addresses) with every configuration and writes one row per
evaluation view. The same data, parameters, seed and feature lists are the same run, which is
written once.
"""

import hashlib
import importlib.metadata
import itertools
import json
import platform
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

DICTIONARY = [
    "in_degree",
    "out_degree",
    "unique_in_degree",
    "unique_out_degree",
    "avg_amount_incoming",
    "total_amount_incoming",
    "max_amount_incoming",
    "min_amount_incoming",
    "avg_amount_outgoing",
    "total_amount_outgoing",
    "max_amount_outgoing",
    "min_amount_outgoing",
    "avg_time_incoming",
    "avg_time_outgoing",
    "total_tx_time",
    "active_duration",
    "mean_time_interval",
    "max_time_interval",
    "min_time_interval",
    "burstiness",
    "tx_count",
    "activity_density",
    "incoming_count",
    "outgoing_count",
    "in_out_ratio",
    "hour_mean",
    "hour_entropy",
    "last_seen",
    "recency",
    "avg_gas_price",
    "avg_gas_limit",
]

# How an address behaves beyond the dictionary, and what links it to known scams: the lists of
# macros/features/features.sql, behaviour_features() and exposure_features(). A test compares them.
BEHAVIOUR = [
    "passed_on_share",
    "passed_on_within_day_share",
    "sent_within_hour_share",
    "sent_within_day_share",
    "first_in_to_first_out_seconds",
    "median_in_to_out_seconds",
    "direction_change_share",
    "received_before_first_sent_share",
    "received_after_last_sent_share",
    "largest_incoming_share",
    "round_incoming_share",
    "round_outgoing_share",
    "repeated_incoming_value_share",
    "zero_value_share",
    "dust_share",
    "counterparty_count",
    "sender_concentration",
    "recipient_concentration",
    "top_sender_value_share",
    "top_recipient_value_share",
    "single_event_counterparty_share",
    "reciprocal_counterparty_share",
    "events_per_sender",
    "events_per_recipient",
    "contract_counterparty_share",
    "hub_incoming_value_share",
    "hub_outgoing_value_share",
    "mean_log_sender_degree",
    "mean_log_recipient_degree",
    "leaf_sender_share",
    "leaf_recipient_share",
    "first_incoming_eth",
    "is_first_funder_entity",
    "token_sent_count",
    "token_received_count",
    "token_contract_count",
    "nft_transfer_share",
    "zero_value_token_received_share",
    "lookalike_counterparty_count",
    "imitating_counterparty_count",
    "median_interval_seconds",
    "interval_within_hour_share",
    "mean_incoming_position_share",
    "failed_share",
    "contract_creation_count",
]
EXPOSURE = [
    "scam_counterparty_share",
    "sent_to_scam_count",
    "received_from_scam_count",
    "sent_to_scam_value_share",
    "received_from_scam_value_share",
    "scam_neighbour_count",
    "scam_neighbour_share",
    "is_first_funder_scam",
]

# Computed from amounts: value_features() there. Whales and small accounts differ in these anyway.
VALUES = [
    "avg_amount_incoming",
    "total_amount_incoming",
    "max_amount_incoming",
    "min_amount_incoming",
    "avg_amount_outgoing",
    "total_amount_outgoing",
    "max_amount_outgoing",
    "min_amount_outgoing",
    "passed_on_share",
    "passed_on_within_day_share",
    "largest_incoming_share",
    "round_incoming_share",
    "round_outgoing_share",
    "repeated_incoming_value_share",
    "zero_value_share",
    "dust_share",
    "top_sender_value_share",
    "top_recipient_value_share",
    "hub_incoming_value_share",
    "hub_outgoing_value_share",
    "first_incoming_eth",
    "zero_value_token_received_share",
    "sent_to_scam_value_share",
    "received_from_scam_value_share",
]

# When an address lived says little about how it behaves, and a later window has later times.
ABSOLUTE_TIME = ["avg_time_incoming", "avg_time_outgoing", "last_seen", "recency"]

# Same numbers as in_degree, out_degree and active_duration.
ALIASES = ["incoming_count", "outgoing_count", "total_tx_time"]

# More of these may raise the log-odds of a scam and never lower them. What a scam pays out goes to
# those who ran it. What is sent to a scam comes from its victims, who are no scams, so the
# features of sending, and shares that count it, stay free; and so does behaviour.
MONOTONE_UP = [
    "received_from_scam_count",
    "received_from_scam_value_share",
    "is_first_funder_scam",
]

# The rule one_hop_exposure ranks by it: share of counterparties that are known scams, 0 to 1.
RULE_FEATURE = "scam_counterparty_share"

BEHAVING = [name for name in DICTIONARY if name not in ABSOLUTE_TIME + ALIASES]
FEATURE_SETS = {
    "dictionary": DICTIONARY,
    "without_absolute_time": BEHAVING,
    "all": BEHAVING + BEHAVIOUR + EXPOSURE,
    "value_free": [name for name in BEHAVING + BEHAVIOUR + EXPOSURE if name not in VALUES],
}

# Boosted trees see every set, so that sets are compared; the baselines see what the best one may.
CONFIGURATIONS = [
    ("xgboost", "dictionary"),
    ("xgboost", "without_absolute_time"),
    ("xgboost", "all"),
    ("xgboost", "value_free"),
    ("logistic_regression", "dictionary"),
    ("logistic_regression", "all"),
    ("random_forest", "all"),
    ("extra_trees", "all"),
    ("one_hop_exposure", "all"),
]

MODEL_FORMATS = {
    "xgboost": "xgboost_json",
    "logistic_regression": "logistic_json",
    "random_forest": "forest_json",
    "extra_trees": "forest_json",
    "one_hop_exposure": "rule_json",
}

# The fit whose boosted trees score addresses, and the feature sets with which they may
# (champion_feature_sets() in macros/scam/champion.sql).
SCORING_FIT = "lifetime"
SCORING_FEATURE_SETS = ["all", "without_absolute_time"]

SEED = 20150730

# Part of the identity of a run. Raise it by one when the code below makes other models of the same
# examples; otherwise the old run counts as this one, and nothing is trained.
TRAINING_VERSION = 4

# dbt runs models side by side, and XGBoost's threads wait for each other in training: beside other
# work two are many times slower than one. A fixed number also makes every machine train the same.
THREADS = 1

# The first candidate of every search, and the only one where scams are too few for folds.
# `positive_weight`: how much a scam counts in the fit; `root` is the square root of the ratio of
# negatives to positives.
XGBOOST_DEFAULTS = {
    "max_depth": 4,
    "eta": 0.1,
    "min_child_weight": 2,
    "subsample": 0.8,
    "colsample_bytree": 0.8,
    "reg_lambda": 1.0,
    "reg_alpha": 0.0,
    "gamma": 0.0,
    "max_bin": 256,
    "positive_weight": "root",
}
DEFAULT_ROUNDS = 100

# `folds` score the candidates; one fold more only stops the trees early. Of each kind of model the
# combinations are tried, or `sample` of them drawn with the seed. Forests are bounded in trees and
# leaves, and with them the text that is stored.
SEARCHES = {
    "quick": {
        "folds": 3,
        "sample": 1,
        "least_rounds": 200,
        "most_rounds": 300,
        "early_stopping_rounds": 20,
        "xgboost": {
            "max_depth": [3, 4],
            "min_child_weight": [1, 2, 5],
            "subsample": [0.6, 0.8],
            "colsample_bytree": [0.5, 0.8],
            "positive_weight": ["one", "root"],
        },
        "logistic_regression": {"inverse_penalty": [0.1, 1.0], "class_weight": [None]},
        "random_forest": {"trees": [40], "leaves": [64], "least_leaf": [2], "class_weight": [None]},
        "extra_trees": {"trees": [40], "leaves": [64], "least_leaf": [2], "class_weight": [None]},
    },
    "full": {
        "folds": 5,
        "sample": 15,
        "least_rounds": 200,
        "most_rounds": 500,
        "early_stopping_rounds": 40,
        "xgboost": {
            "max_depth": [2, 3, 4, 5, 6],
            "eta": [0.05, 0.1],
            "min_child_weight": [1, 2, 5, 10],
            "subsample": [0.5, 0.65, 0.8],
            "colsample_bytree": [0.4, 0.6, 0.8],
            "reg_lambda": [1.0, 5.0, 20.0],
            "reg_alpha": [0.0, 1.0],
            "gamma": [0.0, 1.0],
            "positive_weight": ["one", "root", "balanced"],
        },
        "logistic_regression": {
            "inverse_penalty": [0.001, 0.01, 0.1, 1.0, 10.0],
            "class_weight": [None, "balanced"],
        },
        "random_forest": {
            "trees": [200],
            "leaves": [128],
            "least_leaf": [2, 5],
            "class_weight": [None, "balanced"],
        },
        "extra_trees": {
            "trees": [200],
            "leaves": [128],
            "least_leaf": [2, 5],
            "class_weight": [None, "balanced"],
        },
    },
}

# Fewer scams or others than this leave the probabilities as they are.
LEAST_CALIBRATION_ROWS = 5

# Isotonic calibration follows any shape, but needs this many scams to be steadier than Platt's.
LEAST_ISOTONIC_POSITIVES = 200

# What the labels hold, to say why there is nothing to train on.
SCAM_LABELS = (
    "select count(distinct address) as scams, min(reported_at) as first_reported_at,"
    " count(*) - count(reported_at) as labels_without_report_time"
    " from {labels} as labels where label_kind = 'scam' and usage = 'training'"
)

COLUMNS = {
    "run_id": "string",
    "view": "string",
    "cutoff": "string",
    "model_name": "string",
    "feature_set": "string",
    "fit_name": "string",
    "train_window_name": "string",
    "window_start": "timestamp",
    "window_end": "timestamp",
    "labels_known_at": "timestamp",
    "training_rows": "int64",
    "training_positives": "int64",
    "validation_rows": "int64",
    "validation_positives": "int64",
    "features": "string",
    "parameters": "string",
    "calibration": "string",
    "model_format": "string",
    "model": "string",
    "held_out_models": "string",
    "seed": "int64",
    "training_fingerprint": "string",
    "library_versions": "string",
    "trained_at": "timestamp",
}


def model(dbt: Any, session: Any) -> Any:
    """Train what the examples allow, unless this very run is already stored."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id", "view", "cutoff", "model_name", "feature_set"],
        full_refresh=False,
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        tags=["train"],
    )
    examples = to_pandas(dbt.ref("int_scam_training__examples"))
    views = to_pandas(dbt.ref("int_scam_training__evaluations"))
    labels = query(session, SCAM_LABELS.format(labels=subquery(dbt.ref("address_labels"))))
    known_runs = set(stored(dbt, session, ["run_id"])["run_id"])
    search = dbt.config.meta_get("search", "quick")
    percent = float(dbt.config.meta_get("unlabelled_sample_percent", 100))
    rows = train(examples, views, labels.iloc[0].to_dict(), search, percent, known_runs)
    return to_engine(session, typed(rows, COLUMNS))


# --- shared: engine ---
# The only lines that know the engine: a DuckDB connection, or a BigQuery DataFrames session.
PANDAS_TYPES = {"string": "string", "int64": "Int64", "float64": "float64", "boolean": "boolean"}


def to_pandas(relation: Any) -> pd.DataFrame:
    """Return the rows of a DuckDB relation or a BigQuery DataFrame as pandas."""
    return relation.df() if hasattr(relation, "df") else relation.to_pandas()


def query(session: Any, sql: str) -> pd.DataFrame:
    """Return the rows of a query, written in the SQL that both engines share, as pandas."""
    on_bigquery = hasattr(session, "read_gbq_query")
    return to_pandas(session.read_gbq_query(sql) if on_bigquery else session.sql(sql))


def subquery(relation: Any) -> str:
    """Return a relation as SQL text in brackets, to filter it before its rows are read."""
    return f"({relation.sql_query() if hasattr(relation, 'sql_query') else relation.sql})"


def stored(dbt: Any, session: Any, columns: list[str]) -> pd.DataFrame:
    """Return the distinct values of columns that earlier runs of this model left, or no rows."""
    if not dbt.is_incremental:
        return pd.DataFrame(columns=columns)
    return query(session, f"select distinct {', '.join(columns)} from {dbt.this}")


def typed(rows: Any, types: dict[str, str]) -> pd.DataFrame:
    """Return rows (dicts or a frame) with exactly these columns and types, also without rows."""
    frame = pd.DataFrame(rows, columns=list(types))
    for name, kind in types.items():
        if kind == "timestamp":
            utc = pd.to_datetime(frame[name], utc=True)
            frame[name] = utc.dt.tz_localize(None).astype("datetime64[us]")
        else:
            frame[name] = frame[name].astype(PANDAS_TYPES[kind])
    return frame


def to_engine(session: Any, frame: pd.DataFrame) -> Any:
    """Hand a typed frame to the engine. Timestamps are UTC; BigQuery wants that said."""
    if not hasattr(session, "read_pandas"):
        return frame
    instants = frame.select_dtypes("datetime").columns
    return session.read_pandas(
        frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in instants})
    )


# --- end shared ---


# --- shared: run identity ---
def fingerprint(*frames: pd.DataFrame) -> str:
    """Return the SHA-256 (hex) of sorted frames: names and values of all but the float columns.

    Floats are left out because the last bit of a sum may differ between engines, and a run must
    not. The integers and text beside them change with the same transactions.
    """
    digest = hashlib.sha256()
    for frame in frames:
        for name in sorted(frame.columns):
            column, types = frame[name], pd.api.types
            if types.is_float_dtype(column.dtype):
                continue
            if types.is_datetime64_any_dtype(column.dtype):
                utc = pd.to_datetime(column, utc=True).dt.tz_localize(None)
                content = utc.to_numpy("datetime64[us]").tobytes()
            elif types.is_integer_dtype(column.dtype) or types.is_bool_dtype(column.dtype):
                known = column.notna().to_numpy(dtype="u1").tobytes()
                content = known + column.astype("Int64").fillna(0).to_numpy("<i8").tobytes()
            else:
                content = "\x1f".join(column.astype("string").fillna("\x00")).encode()
            digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


def run_identity(training_fingerprint: str, **settings: Any) -> str:
    """Return the run_id (16 hex characters) of training data and everything set by hand."""
    inputs = json.dumps([training_fingerprint, settings], sort_keys=True)
    return hashlib.sha256(inputs.encode()).hexdigest()[:16]


def library_versions(*names: str) -> str:
    """Return the versions of Python and of the named libraries as JSON."""
    versions = {name: importlib.metadata.version(name) for name in names}
    return json.dumps({"python": platform.python_version(), **versions})


# --- end shared ---


# --- shared: scorer ---
# In place of the fifth of an address that no fit has seen.
NO_FIFTH = -1


def scoring_digest(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of the texts of a model row that scoring uses."""
    texts = [row["features"], row["calibration"], row["model_format"], row["model"]]
    # Runs of before there were held-out models have none.
    if isinstance(row.get("held_out_models"), str):
        texts.append(row["held_out_models"])
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def load_model(row: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild a model from its row of `scam_models`.

    Returns run_id, features (list), calibration (dict), what `rebuild` returns, and held_out: the
    same of each model that was fitted without a fifth of the addresses, by the fifth. Raises
    ValueError when the row is not what training wrote: XGBoost ends the whole process on some
    damaged texts, so the digest is checked before it reads one.
    """
    run_id = row["run_id"]
    try:
        if scoring_digest(row) != json.loads(row["parameters"])["scoring_sha256"]:
            raise ValueError("the texts do not match their digest")
        features = json.loads(row["features"])
        held_out = row.get("held_out_models")
        fitted = {
            "run_id": run_id,
            "calibration": json.loads(row["calibration"]),
            **rebuild(row["model_format"], row["model"], features),
            "held_out": {
                int(fifth): rebuild(row["model_format"], text, features)
                for fifth, text in json.loads(
                    held_out if isinstance(held_out, str) else "{}"
                ).items()
            },
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The stored model of run {run_id} (scam_models) was changed after training: {error}. "
            "Delete the rows of this run from scam_models, scam_evaluation_scores and "
            "scam_raw_scores and train again (dbt build --select tag:train+), or score with an "
            "older run: --vars '{champion_run_id: …}'."
        ) from error
    return fitted


def rebuild(model_format: str, text: str, features: list[str]) -> dict[str, Any]:
    """Return features and the model a text holds: booster, coefficients, forest or rule.

    Raises ValueError for an unknown format and for a model of other features.
    """
    fitted: dict[str, Any] = {"features": features}
    if model_format == "xgboost_json":
        fitted["booster"] = xgb.Booster()
        fitted["booster"].load_model(bytearray(text, "utf-8"))
        is_fitting = fitted["booster"].feature_names == features
    elif model_format == "logistic_json":
        fitted["coefficients"] = json.loads(text)
        is_fitting = len(fitted["coefficients"]["weights"]) == len(features)
    elif model_format == "forest_json":
        fitted["forest"] = json.loads(text)
        is_fitting = len(fitted["forest"]["medians"]) == len(features)
    elif model_format == "rule_json":
        fitted["rule"] = json.loads(text)
        is_fitting = fitted["rule"]["feature"] in features
    else:
        raise ValueError(f"the format {model_format!r} is unknown")
    if not is_fitting:
        raise ValueError("the model was fitted on other features than the row lists")
    return fitted


def feature_matrix(frame: pd.DataFrame, features: list[str], needed_by: str) -> np.ndarray:
    """Return features as float64 (rows × features); NULL and infinite values become NaN.

    Raises ValueError, naming who needs them, when the frame lacks features.
    """
    missing = [name for name in features if name not in frame.columns]
    if missing:
        raise ValueError(
            f"{needed_by} needs features that its table does not have: {', '.join(missing)}. "
            "Build the features it was trained with, or train again: dbt build --select tag:train+"
        )
    columns = [frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in features]
    matrix = np.column_stack(columns)
    return np.where(np.isfinite(matrix), matrix, np.nan)


def scorers(
    fitted: dict[str, Any], fifths: np.ndarray
) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    """Yield each model with the rows (a mask) it scores, given the fifth of the address of each.

    A row goes to the model that was fitted without its fifth, or to that of all rows where there
    is none.
    """
    for fifth in np.unique(fifths):
        yield fitted["held_out"].get(int(fifth), fitted), fifths == fifth


def margins(fitted: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return the log-odds the model gives to each row of the matrix, before calibration."""
    if "booster" in fitted:
        data = xgb.DMatrix(matrix, feature_names=fitted["features"])
        return fitted["booster"].predict(data, output_margin=True).astype("float64")
    if "forest" in fitted:
        return log_odds(forest_probability(fitted["forest"], matrix))
    if "rule" in fitted:
        share = matrix[:, fitted["features"].index(fitted["rule"]["feature"])]
        return log_odds(np.nan_to_num(share))
    coefficients = fitted["coefficients"]
    weights = np.array(coefficients["weights"])
    return standardise(coefficients, matrix) @ weights + coefficients["intercept"]


def forest_probability(forest: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return the mean over trees of the share of scams in a row's leaf, 0 to 1.

    As scikit-learn: NaN is the median, values are rounded to 32 bits, and a row goes left where
    its feature is at or below the threshold. A leaf has -1 for left.
    """
    filled = np.where(np.isnan(matrix), np.array(forest["medians"]), matrix).astype("float32")
    rows, total = np.arange(len(filled)), np.zeros(len(filled))
    for tree in forest["trees"]:
        feature, threshold, left, right, share = (
            np.array(tree[name]) for name in ("feature", "threshold", "left", "right", "scam_share")
        )
        node = np.zeros(len(filled), dtype=int)
        while (is_inner := left[node] >= 0).any():
            goes_left = filled[rows, feature[node]] <= threshold[node]
            node = np.where(is_inner, np.where(goes_left, left[node], right[node]), node)
        total += share[node]
    return total / len(forest["trees"])


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Return the log-odds of probabilities; shares of a few trees say nothing beyond 1 in 10^4."""
    inside = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(inside / (1 - inside))


def standardise(coefficients: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return the inputs of the logistic regression: median for NaN, signed log1p, z-score."""
    filled = np.where(np.isnan(matrix), np.array(coefficients["medians"]), matrix)
    logged = np.sign(filled) * np.log1p(np.abs(filled))
    return (logged - np.array(coefficients["means"])) / np.array(coefficients["scales"])


def sigmoid(margin: np.ndarray) -> np.ndarray:
    """Return log-odds as probabilities, without overflow at either end."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(margin, dtype="float64")))


def calibrated(calibration: dict[str, Any], margin: np.ndarray) -> np.ndarray:
    """Return the probability of a scam for log-odds, as learnt when the model was trained."""
    if calibration["method"] == "platt":
        return sigmoid(calibration["slope"] * margin + calibration["intercept"])
    if calibration["method"] == "isotonic":
        return np.interp(margin, calibration["margins"], calibration["probabilities"])
    return sigmoid(margin + calibration.get("shift", 0.0))


# --- end shared ---


def train(
    examples: pd.DataFrame,
    views: pd.DataFrame,
    scam_labels: Mapping[str, Any],
    search: str,
    unlabelled_sample_percent: float,
    known_runs: set[str],
) -> list[dict[str, Any]]:
    """Return one row per view × cutoff × configuration, or none if the run is known.

    `examples`: one row per fit × address; `views`: one row per view × cutoff (see their models);
    `scam_labels`: the row of SCAM_LABELS. A fit without examples, or with one class only, is
    skipped with a message. Raises ValueError for a search other than quick or full, a percent
    outside 0 to 100, and features that the examples lack.
    """
    if search not in SEARCHES:
        raise ValueError(f"The var search is {search!r}; it must be quick or full.")
    if not 0 < unlabelled_sample_percent <= 100:
        raise ValueError(
            f"The var unlabelled_sample_percent is {unlabelled_sample_percent:g}; it must be above "
            "0 and at most 100."
        )
    examples = examples.sort_values(["fit_name", "split", "address"], ignore_index=True)
    views = views.sort_values(["view", "cutoff"], ignore_index=True)
    training_fingerprint = fingerprint(examples, views)
    run_id = run_identity(
        training_fingerprint,
        training_version=TRAINING_VERSION,
        parameters=SEARCHES[search],
        defaults=[XGBOOST_DEFAULTS, DEFAULT_ROUNDS],
        configurations=configurations(),
        features=FEATURE_SETS,
        monotone_up=MONOTONE_UP,
        unlabelled_sample_percent=unlabelled_sample_percent,
        seed=SEED,
    )
    if run_id in known_runs:
        print(f"scam_models: nothing changed, run {run_id} is already stored.")
        return []

    run = {
        "run_id": run_id,
        "seed": SEED,
        "training_fingerprint": training_fingerprint,
        "library_versions": library_versions("numpy", "pandas", "scikit-learn", "xgboost"),
        "trained_at": datetime.now(UTC),
    }
    if RULE_FEATURE not in FEATURE_SETS["all"]:
        print(f"scam_models: one_hop_exposure is skipped: {RULE_FEATURE} is no feature.")
    rows = []
    for fit_name, fit_views in views.groupby("fit_name"):
        fit = examples[examples["fit_name"] == fit_name]
        obstacle = why_not_trainable(fit, scam_labels)
        if obstacle:
            print(f"scam_models: fit {fit_name} is skipped: {obstacle}.")
            continue
        for model_name, feature_set in configurations():
            fitted = train_fit(fit, model_name, feature_set, search, unlabelled_sample_percent)
            rows += [
                {**run, **fitted, **view}
                for view in fit_views[["view", "cutoff", "fit_name", "train_window_name"]].to_dict(
                    "records"
                )
            ]
    if not rows:
        print(
            "scam_models: no model was trained, and models of earlier runs stay as they are. "
            "Training needs addresses labelled as scams, with transactions before the cutoff, "
            "beside others: set LABEL_DATA (or the var label_table), or look at address_labels "
            "and rejected_labels."
        )
    return rows


def configurations() -> list[tuple[str, str]]:
    """Return the pairs of model and feature set to train.

    A set with the features of an earlier one goes by that one's name, once; the rule is left out
    where its feature is.
    """
    first_name = {}
    for name, features in FEATURE_SETS.items():
        first_name.setdefault(tuple(features), name)
    pairs = [
        (model_name, first_name[tuple(FEATURE_SETS[feature_set])])
        for model_name, feature_set in CONFIGURATIONS
        if model_name != "one_hop_exposure" or RULE_FEATURE in FEATURE_SETS[feature_set]
    ]
    return list(dict.fromkeys(pairs))


def why_not_trainable(fit: pd.DataFrame, scam_labels: Mapping[str, Any]) -> str | None:
    """Return what a fit lacks for training, with the likely cause, or None."""
    training = fit[fit["split"] == "train"]
    labels = training["is_scam"]
    if labels.empty:
        return "it has no training examples"
    if labels.all():
        return (
            f"all of its {len(labels)} training addresses are scams; there is nobody to tell them "
            "from (with negatives: labelled, only benign labels count as others)"
        )
    if labels.any():
        return None
    lack = f"none of its {len(labels)} training addresses is a known scam"
    if scam_labels["scams"] == 0:
        return f"{lack}, and no address is labelled as one"
    known_at = pd.to_datetime(training["labels_known_at"].iloc[0], utc=True)
    reported_at = pd.to_datetime(scam_labels["first_reported_at"], utc=True)
    if scam_labels["labels_without_report_time"] == 0 and reported_at > known_at:
        is_whole_chain = training["window_name"].iloc[0] == "lifetime"
        end = "the last transaction" if is_whole_chain else "the end of its training window"
        return (
            f"{lack}: labels are reported later than {end} (the first of {scam_labels['scams']} "
            f"scams at {reported_at:%Y-%m-%d %H:%M:%S}, labels count until "
            f"{known_at:%Y-%m-%d %H:%M:%S}); leave reported_at empty if they were known before"
        )
    return (
        f"{lack}: those of the {scam_labels['scams']} labelled scams that were known by then have "
        "no transactions in the window, or are held out"
    )


def train_fit(
    fit: pd.DataFrame,
    model_name: str,
    feature_set: str,
    search: str,
    unlabelled_sample_percent: float,
) -> dict[str, Any]:
    """Return the part of a model row that one fit and one configuration decide.

    The training split chooses parameters and calibrates, both on folds. The last fit
    uses the validation split too.
    """
    features, settings = FEATURE_SETS[feature_set], SEARCHES[search]
    training, validation = fit[fit["split"] == "train"], fit[fit["split"] == "validation"]
    data = training_data(training, features, unlabelled_sample_percent, settings["folds"] + 1)
    everything = training_data(fit, features, unlabelled_sample_percent, folds=0)

    parameters = choose(data, model_name, settings)
    row = {
        "features": json.dumps(features),
        "calibration": json.dumps(calibrate(data, model_name, parameters)),
        "model_format": MODEL_FORMATS[model_name],
        "model": fit_text(everything, model_name, parameters),
        "held_out_models": held_out_models(fit, everything, model_name, feature_set, parameters),
    }
    recorded = {
        "search": search,
        "training_version": TRAINING_VERSION,
        **parameters,
        **(fit_settings(everything, parameters) if model_name == "xgboost" else {}),
        "unlabelled_weight": 100 / unlabelled_sample_percent,
        "scoring_sha256": scoring_digest(row),
    }
    window = training.iloc[0][["window_start", "window_end", "labels_known_at"]].to_dict()
    return {
        **row,
        **window,
        "model_name": model_name,
        "feature_set": feature_set,
        "parameters": json.dumps(recorded),
        "training_rows": len(training),
        "training_positives": int(data.labels.sum()),
        "validation_rows": len(validation),
        "validation_positives": int(validation["is_scam"].sum()),
    }


def held_out_models(
    fit: pd.DataFrame,
    everything: "TrainingData",
    model_name: str,
    feature_set: str,
    parameters: dict[str, Any],
) -> str:
    """Return models by the fifth of the addresses they were fitted without, as a JSON object.

    Of every fit that of the validation split, on which thresholds are chosen. Of what scores
    addresses those of all fifths: a scam that nobody has reported yet is taken for harmless in
    training, and would look so ever after to the model that learnt it. A fifth without which one
    class is missing has none.
    """
    fifth_of = fit["address_fifth"].to_numpy()
    is_scorer = model_name == "xgboost" and feature_set in SCORING_FEATURE_SETS
    if is_scorer and fit["fit_name"].iloc[0] == SCORING_FIT:
        fifths = np.unique(fifth_of)
    else:
        fifths = np.unique(fifth_of[fit["split"] == "validation"])
    texts = {}
    for fifth in fifths:
        others = everything.part(fifth_of != fifth)
        if others.labels.any() and not others.labels.all():
            texts[str(fifth)] = fit_text(others, model_name, parameters)
    return json.dumps(texts)


@dataclass(frozen=True)
class TrainingData:
    """Examples of a fit: rows × features, and per row what else training knows of it."""

    features: list[str]
    matrix: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    fold_of: np.ndarray

    @property
    def folds(self) -> int:
        """Return the number of folds that score and calibrate; 0 where scams are too few."""
        return int(self.fold_of.max(initial=0))

    def part(self, rows: np.ndarray) -> "TrainingData":
        """Return the rows of a mask."""
        return TrainingData(
            self.features,
            self.matrix[rows],
            self.labels[rows],
            self.weights[rows],
            self.fold_of[rows] if self.folds else self.fold_of,
        )


def training_data(
    examples: pd.DataFrame, features: list[str], unlabelled_sample_percent: float, folds: int
) -> TrainingData:
    """Return examples as training takes them, dealt out to this many folds (0 for none)."""
    labels = examples["is_scam"].to_numpy(dtype=bool)
    return TrainingData(
        features,
        feature_matrix(examples, features, "Training"),
        labels,
        population_weights(examples, unlabelled_sample_percent),
        assign_folds(examples["address"], labels, folds),
    )


def population_weights(training: pd.DataFrame, unlabelled_sample_percent: float) -> np.ndarray:
    """Return how many addresses of the population each row stands for.

    Labelled addresses are all there; of the others a share was drawn. The fit itself counts rows
    alike: the weight of a scam is searched, and a hundredfold weight would only undo
    regularisation. Folds and calibration count the population.
    """
    is_drawn = ~training["is_labelled"].to_numpy(dtype=bool)
    return np.where(is_drawn, 100 / unlabelled_sample_percent, 1.0)


def assign_folds(addresses: pd.Series, labels: np.ndarray, folds: int) -> np.ndarray:
    """Return the fold (0, 1, …) of each address: by hash, scams and others dealt out in turn.

    Returns an empty array when some fold would lack a scam or another address, or for 0 folds.
    """
    if folds == 0 or min(labels.sum(), (~labels).sum()) < folds:
        return np.array([], dtype=int)
    order = np.argsort([hashlib.md5(address.encode()).hexdigest() for address in addresses])
    fold_of = np.empty(len(labels), dtype=int)
    for group in (labels, ~labels):
        members = order[group[order]]
        fold_of[members] = np.arange(len(members)) % folds
    return fold_of


def candidates(model_name: str, search: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters to try: the combinations of a grid, or a seeded sample of them.

    For XGBoost the defaults come first, and each draw changes what it names.
    """
    if model_name == "one_hop_exposure":
        return [{}]
    grid, sample = search[model_name], search["sample"]
    if model_name == "xgboost":
        drawn = random.Random(SEED)
        draws = [
            {name: drawn.choice(values) for name, values in grid.items()} for _ in range(sample)
        ]
        return [XGBOOST_DEFAULTS, *({**XGBOOST_DEFAULTS, **draw} for draw in draws)]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def choose(data: TrainingData, model_name: str, search: dict[str, Any]) -> dict[str, Any]:
    """Return the candidate with the highest mean average precision on folds, and how it was found.

    Without folds (too few scams) the first candidate is taken, and the result says so.
    """
    tried = candidates(model_name, search)
    if not data.folds:
        rounds = {"rounds": DEFAULT_ROUNDS} if model_name == "xgboost" else {}
        return {**tried[0], **rounds, "chosen_by": "default: too few scams for folds"}
    judged = []
    for candidate in tried:
        if model_name == "xgboost":
            judged.append(judge_xgboost(data, candidate, search))
        else:
            margin = out_of_fold(data, model_name, candidate)
            scores = [fold_score(data, fold, margin) for fold in range(data.folds)]
            judged.append({**candidate, "average_precision": float(np.mean(scores))})
    return {
        **max(judged, key=lambda candidate: candidate["average_precision"]),
        "chosen_by": "mean average precision on folds of the training split",
        "folds": data.folds,
        "candidates": len(tried),
    }


def fold_score(data: TrainingData, fold: int, margin: np.ndarray) -> float:
    """Return the average precision of the margins (one per training row) within a fold."""
    rows = data.fold_of == fold
    return average_precision_score(
        data.labels[rows], margin[rows], sample_weight=data.weights[rows]
    )


def judge_xgboost(
    data: TrainingData, candidate: dict[str, Any], search: dict[str, Any]
) -> dict[str, Any]:
    """Return the candidate with its mean average precision on folds and its number of rounds.

    Each fold is predicted by trees that saw neither it nor the last fold, on whose log loss they
    stopped. More rows carry more trees: the final fit, on all folds, gets the mean of where they
    stopped in proportion to its rows. It gets least_rounds at least: with few scams the log loss
    rises early, out of overconfidence, which calibration corrects, while the ranking still gains.
    most_rounds bounds the stored text.
    """
    stopping = data.part(data.fold_of == data.folds)
    scores, best_rounds = [], []
    for fold in range(data.folds):
        inside = data.part((data.fold_of != fold) & (data.fold_of != data.folds))
        booster = xgb.train(
            xgboost_parameters(candidate, inside),
            to_dmatrix(inside),
            search["most_rounds"],
            evals=[(to_dmatrix(stopping), "stopping")],
            early_stopping_rounds=search["early_stopping_rounds"],
            verbose_eval=False,
        )
        best_rounds.append(booster.best_iteration + 1)
        held_out = np.full(len(data.labels), np.nan)
        rows = data.fold_of == fold
        held_out[rows] = booster.predict(
            to_dmatrix(data.part(rows)),
            output_margin=True,
            iteration_range=(0, booster.best_iteration + 1),
        )
        scores.append(fold_score(data, fold, held_out))
    rounds = float(np.mean(best_rounds)) * (data.folds + 1) / (data.folds - 1)
    return {
        **candidate,
        "rounds": min(max(round(rounds), search["least_rounds"]), search["most_rounds"]),
        "best_rounds": best_rounds,
        "early_stopping_rounds": search["early_stopping_rounds"],
        "average_precision": float(np.mean(scores)),
    }


def out_of_fold(data: TrainingData, model_name: str, parameters: dict[str, Any]) -> np.ndarray:
    """Return for each training row the log-odds of a model fitted without the row's fold.

    NaN in the last fold, which stops trees early and takes no part in anything else.
    """
    margin = np.full(len(data.labels), np.nan)
    for fold in range(data.folds):
        rows = data.fold_of == fold
        text = fit_text(data.part(~rows), model_name, parameters)
        fitted = rebuild(MODEL_FORMATS[model_name], text, data.features)
        margin[rows] = margins(fitted, data.matrix[rows])
    return margin


def fit_text(data: TrainingData, model_name: str, parameters: dict[str, Any]) -> str:
    """Return the model fitted on these rows as text."""
    if model_name == "xgboost":
        return fit_xgboost(data, parameters)
    if model_name == "logistic_regression":
        return fit_logistic(data, parameters)
    if model_name == "one_hop_exposure":
        return json.dumps({"feature": RULE_FEATURE})
    return fit_forest(data, model_name, parameters)


def fit_xgboost(data: TrainingData, parameters: dict[str, Any]) -> str:
    """Return boosted trees as XGBoost's JSON text."""
    booster = xgb.train(
        xgboost_parameters(parameters, data), to_dmatrix(data), parameters["rounds"]
    )
    return booster.save_raw("json").decode()


def to_dmatrix(data: TrainingData) -> xgb.DMatrix:
    """Return rows and labels as XGBoost wants them."""
    return xgb.DMatrix(data.matrix, label=data.labels, feature_names=data.features, nthread=THREADS)


def positive_weight(candidate: dict[str, Any], data: TrainingData) -> float:
    """Return how much a scam counts against another address in the fit."""
    ratio = float((~data.labels).sum() / data.labels.sum())
    return {"one": 1.0, "root": ratio**0.5, "balanced": ratio}[candidate["positive_weight"]]


def fit_settings(data: TrainingData, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what the names in XGBoost's parameters stand for in this fit, to be recorded."""
    return {
        "scam_weight": positive_weight(parameters, data),
        "monotone_up": [name for name in data.features if name in MONOTONE_UP],
    }


def xgboost_parameters(candidate: dict[str, Any], data: TrainingData) -> dict[str, Any]:
    """Return what XGBoost is given for a candidate and the rows it is fitted on."""
    directions = ["1" if name in MONOTONE_UP else "0" for name in data.features]
    return {
        **{name: candidate[name] for name in XGBOOST_DEFAULTS if name != "positive_weight"},
        "scale_pos_weight": positive_weight(candidate, data),
        "monotone_constraints": f"({','.join(directions)})",
        "objective": "binary:logistic",
        "tree_method": "hist",
        "nthread": THREADS,
        "seed": SEED,
    }


def fit_logistic(data: TrainingData, parameters: dict[str, Any]) -> str:
    """Return medians, means, scales, weights and intercept of a logistic regression as JSON.

    NULL is replaced by the median, then signed log1p and z-scores: see `standardise`.
    """
    medians, filled = fill_with_medians(data.matrix)
    scaler = StandardScaler().fit(np.sign(filled) * np.log1p(np.abs(filled)))
    coefficients = {
        "medians": medians,
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
    }
    regression = LogisticRegression(
        C=parameters["inverse_penalty"], class_weight=parameters["class_weight"], max_iter=5000
    )
    # Sums over several threads may differ in the last bit.
    with threadpool_limits(1):
        regression.fit(standardise(coefficients, data.matrix), data.labels)
    coefficients["weights"] = regression.coef_[0].tolist()
    coefficients["intercept"] = float(regression.intercept_[0])
    return json.dumps(coefficients)


def fill_with_medians(matrix: np.ndarray) -> tuple[list[float], np.ndarray]:
    """Return the median of each column (0 where all is NaN) and the matrix with it for NaN."""
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    filled = imputer.fit_transform(matrix)
    return imputer.statistics_.tolist(), filled


def fit_forest(data: TrainingData, model_name: str, parameters: dict[str, Any]) -> str:
    """Return medians and trees (arrays of nodes, see `forest_probability`) of a forest as JSON."""
    kind = {"random_forest": RandomForestClassifier, "extra_trees": ExtraTreesClassifier}
    medians, filled = fill_with_medians(data.matrix)
    forest = kind[model_name](
        n_estimators=parameters["trees"],
        max_leaf_nodes=parameters["leaves"],
        min_samples_leaf=parameters["least_leaf"],
        class_weight=parameters["class_weight"],
        random_state=SEED,
    ).fit(filled, data.labels)
    trees = [
        {
            "feature": tree.feature.tolist(),
            "threshold": tree.threshold.tolist(),
            "left": tree.children_left.tolist(),
            "right": tree.children_right.tolist(),
            "scam_share": tree.value[:, 0, 1].tolist(),
        }
        for tree in (estimator.tree_ for estimator in forest.estimators_)
    ]
    return json.dumps({"medians": medians, "trees": trees}, separators=(",", ":"))


def calibrate(data: TrainingData, model_name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return how log-odds become probabilities, learnt on out-of-fold log-odds of training rows.

    The rows are those of the scoring folds; the fold that stopped the trees is left out.
    """
    margin = out_of_fold(data, model_name, parameters)
    rows = np.isfinite(margin)
    return {
        "learnt_on": f"out-of-fold predictions of the training split, {data.folds} folds",
        **fit_calibration(margin[rows], data.labels[rows], data.weights[rows]),
    }


def fit_calibration(margin: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """Return how log-odds become probabilities of the weighted rows, as plain numbers.

    Isotonic with many scams, else Platt's method (J. Platt 1999: a logistic regression on the
    log-odds with targets drawn in from 0 and 1), else identity with the reason. Identity takes
    the unlabelled sample into account alone, by a shift (King & Zeng 2001, prior correction).
    """
    positives, negatives = int(labels.sum()), int((~labels).sum())
    result = {
        "positives": positives,
        "negatives": negatives,
        "weighted_negatives": float(weights[~labels].sum()),
    }
    shift = -float(np.log(weights[~labels].mean())) if negatives else 0.0
    if min(positives, negatives) < LEAST_CALIBRATION_ROWS:
        reason = f"fewer than {LEAST_CALIBRATION_ROWS} scams or others to calibrate on"
        return {"method": "identity", **result, "reason": reason, "shift": shift}
    if positives >= LEAST_ISOTONIC_POSITIVES:
        edge = 1.0 / (weights.sum() + 2)
        isotonic = IsotonicRegression(y_min=edge, y_max=1 - edge)
        isotonic.fit(margin, labels, sample_weight=weights)
        return {
            "method": "isotonic",
            **result,
            "margins": isotonic.X_thresholds_.tolist(),
            "probabilities": isotonic.y_thresholds_.tolist(),
        }
    slope, intercept = fit_platt(margin, labels, weights)
    if slope <= 0:
        reason = "out of fold scams do not rank above others"
        return {"method": "identity", **result, "reason": reason, "shift": shift}
    return {"method": "platt", **result, "slope": slope, "intercept": intercept}


def fit_platt(margin: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept of Platt's method.

    A target t between 0 and 1 is a row of either class, weighted t and 1 - t.
    """
    positives, negatives = weights[labels].sum(), weights[~labels].sum()
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    regression = LogisticRegression(C=np.inf, tol=1e-8, max_iter=5000)
    with threadpool_limits(1):
        regression.fit(
            np.concatenate([margin, margin])[:, np.newaxis],
            np.repeat([1, 0], len(margin)),
            sample_weight=np.concatenate([weights * target, weights * (1 - target)]),
        )
    return float(regression.coef_[0, 0]), float(regression.intercept_[0])
