"""Train the scam models and return each as one row that scorers rebuild it from.

A run trains every fit (the addresses of a training window) with the configurations of its search.
The same data, parameters, seed and feature lists are the same run, which is written once.
"""

import hashlib
import importlib.metadata
import itertools
import json
import os
import platform
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

# What every fit trains: the model that scores addresses, a plain one, and two that show how much
# of a figure is trivial: trees that see one amount only, and trees whose labels were shuffled.
CONFIGURATIONS = [
    ("xgboost", "all"),
    ("logistic_regression", "all"),
    ("null_model", "total_amount_incoming"),
    ("shuffled_labels", "all"),
]

# Comparisons of feature sets and kinds of model, where the search asks for them: they cost more
# than all of the above. Fits that take their parameters from another fit go without.
COMPARED_CONFIGURATIONS = [
    ("xgboost", "dictionary"),
    ("xgboost", "without_absolute_time"),
    ("xgboost", "value_free"),
    ("logistic_regression", "dictionary"),
    ("random_forest", "all"),
]

MODEL_FORMATS = {
    "xgboost": "xgboost_json",
    "random_forest": "xgboost_json",
    "logistic_regression": "logistic_json",
    "null_model": "xgboost_json",
    "shuffled_labels": "xgboost_json",
}

# Trees are added one by one, each to what the ones before it missed.
BOOSTED = ["xgboost", "null_model", "shuffled_labels"]

SEED = 20150730

# Part of the identity of a run. Raise it by one when the code below makes other models of the same
# examples. Otherwise the old run counts as this one, and nothing is trained.
TRAINING_VERSION = 9

# A fit runs on one thread, and as many fits side by side as there are cores. XGBoost's own threads
# wait for each other, which beside other work takes many times as long, and their sums differ in
# the last bit with their number: so every machine trains the same.
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
    "max_bin": 32,
    "positive_weight": "root",
}
DEFAULT_ROUNDS = 100

# `has_comparisons`: whether COMPARED_CONFIGURATIONS are trained.
# `folds` score the candidates; one fold more only stops the trees early. Of boosted trees the
# defaults and `sample` drawn combinations are candidates, of other kinds of model all combinations.
# Whether trees stop is looked at once in `rounds_per_check` rounds. Trees and depth bound the text
# that is stored of a forest.
SEARCHES = {
    "quick": {
        "has_comparisons": False,
        "folds": 3,
        "sample": 0,
        "least_rounds": 200,
        "most_rounds": 300,
        "early_stopping_rounds": 20,
        "rounds_per_check": 10,
        "logistic_regression": {"inverse_penalty": [1.0], "class_weight": [None]},
        "random_forest": {"trees": [60], "depth": [7], "positive_weight": ["one"]},
    },
    "full": {
        "has_comparisons": True,
        "folds": 5,
        "sample": 15,
        "least_rounds": 200,
        "most_rounds": 500,
        "early_stopping_rounds": 40,
        "rounds_per_check": 10,
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
        "random_forest": {"trees": [200], "depth": [6, 8], "positive_weight": ["one", "root"]},
    },
}

# Fewer scams or non-scams than this leave the probabilities as they are.
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
    "fit_name": "string",
    "model_name": "string",
    "feature_set": "string",
    "train_window_name": "string",
    "window_start": "timestamp",
    "window_end": "timestamp",
    "labels_known_at": "timestamp",
    "training_rows": "int64",
    "training_positives": "int64",
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
        unique_key=["run_id", "fit_name", "model_name", "feature_set"],
        full_refresh=False,
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        # dbt would wait for one hour, and its notebook would go on without it.
        timeout=86400,
        tags=["train"],
    )
    examples = to_pandas(dbt.ref("int_scam_training__examples"))
    evaluations = to_pandas(dbt.ref("int_scam_training__evaluations"))
    catalogue = to_pandas(dbt.ref("features"))
    labels = query(session, SCAM_LABELS.format(labels=subquery(dbt.ref("int_addresses__labels"))))
    runs = stored(dbt, session, ["run_id", "trained_at"])
    rows = train(
        examples,
        evaluations,
        catalogue,
        labels.iloc[0].to_dict(),
        dbt.config.meta_get("search", "quick"),
        float(dbt.config.meta_get("unlabelled_sample_percent", 100)),
        runs.sort_values(["trained_at", "run_id"])["run_id"].tolist(),
    )
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
    """Hand a typed frame to the engine. BigQuery requires an explicit time zone, here UTC."""
    if not hasattr(session, "read_pandas"):
        return frame
    instants = frame.select_dtypes("datetime").columns
    return session.read_pandas(
        frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in instants})
    )


# --- end shared ---


# --- shared: run identity ---
def fingerprint(*frames: pd.DataFrame) -> str:
    """Return the SHA-256 (hex) of sorted frames: names and values of their columns.

    Floats count as `six_digits`. The last bit of a sum may differ between engines, and a run must
    not.
    """
    digest = hashlib.sha256()
    for frame in frames:
        for name in sorted(frame.columns):
            column, types = frame[name], pd.api.types
            if types.is_float_dtype(column.dtype):
                content = six_digits(column.to_numpy(dtype="<f8", na_value=np.nan)).tobytes()
            elif types.is_datetime64_any_dtype(column.dtype):
                utc = pd.to_datetime(column, utc=True).dt.tz_localize(None)
                content = utc.to_numpy("datetime64[us]").tobytes()
            elif types.is_integer_dtype(column.dtype) or types.is_bool_dtype(column.dtype):
                known = column.notna().to_numpy(dtype="u1").tobytes()
                content = known + column.astype("Int64").fillna(0).to_numpy("<i8").tobytes()
            else:
                content = "\x1f".join(column.astype("string").fillna("\x00")).encode()
            digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


def six_digits(values: np.ndarray) -> np.ndarray:
    """Return floats rounded to 20 bits and to twelve decimals, with one NaN and one zero."""
    mantissa, exponent = np.frexp(np.round(values, 12))
    rounded = np.ldexp(np.round(mantissa * 2.0**20) / 2.0**20, exponent)
    return np.where(np.isnan(rounded), np.nan, rounded + 0.0)


def run_identity(training_fingerprint: str, **settings: Any) -> str:
    """Return the run_id (16 hex characters) of training data and everything set by hand."""
    inputs = json.dumps([training_fingerprint, settings], sort_keys=True)
    return hashlib.sha256(inputs.encode()).hexdigest()[:16]


def library_versions(*names: str) -> str:
    """Return the versions of Python and of the named libraries as JSON."""
    versions = {name: importlib.metadata.version(name) for name in names}
    return json.dumps({"python": platform.python_version(), **versions})


# --- end shared ---


# --- shared: side by side ---
def side_by_side(function: Callable[[Any], Any], inputs: Iterable[Any]) -> list[Any]:
    """Return what a function returns for each input, computed on as many threads as are free.

    The results do not depend on how many: what one of them adds up stays on one thread.
    """
    one_thread_for_linear_algebra()
    with ThreadPoolExecutor(free_cores()) as pool:
        return list(pool.map(function, inputs))


def one_thread_for_linear_algebra() -> None:
    """Keep BLAS on one thread: sums over several may differ in the last bit.

    For the rest of the process, not for a block. The number is one for all threads, and a block
    that ends in one of them would give it back while another still adds up.
    """
    threadpool_limits(1, user_api="blas")


def free_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- end shared ---


# --- shared: scorer ---
# In place of the fifth of an address that the fit was not trained on.
NO_FIFTH = -1


def scoring_digest(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of the texts of a model row that scoring uses."""
    names = ["features", "calibration", "model_format", "model", "held_out_models"]
    return hashlib.sha256("\n".join(row[name] for name in names).encode()).hexdigest()


def load_model(row: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild a model from its row of `scam_models`.

    Returns run_id, features (list), calibration (dict), model (see `rebuild`) and held_out: by
    fifth of the addresses, the model that was fitted without it. Raises ValueError when the row is
    not what training wrote: XGBoost ends the whole process on some damaged texts, so the digest is
    checked before it reads one.
    """
    run_id = row["run_id"]
    try:
        if scoring_digest(row) != json.loads(row["parameters"])["scoring_sha256"]:
            raise ValueError("the texts do not match their digest")
        features = json.loads(row["features"])
        held_out = json.loads(row["held_out_models"])
        return {
            "run_id": run_id,
            "features": features,
            "calibration": json.loads(row["calibration"]),
            "model": rebuild(row["model_format"], row["model"], features),
            "held_out": {
                int(fifth): rebuild(row["model_format"], text, features)
                for fifth, text in held_out.items()
            },
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The stored model of run {run_id} (scam_models) was changed after training: {error}. "
            "Delete the rows of this run from scam_models, scam_evaluation_scores, "
            "scam_raw_scores and scam_explanations and train again "
            "(dbt build --select tag:train+), or score with an "
            "older run: --vars '{champion_run_id: …}'."
        ) from error


def rebuild(model_format: str, text: str, features: list[str]) -> Any:
    """Return the model a text holds: an XGBoost booster, or coefficients of a logistic regression.

    Raises ValueError for an unknown format and for a model of other features.
    """
    if model_format == "xgboost_json":
        model = xgb.Booster()
        model.load_model(bytearray(text, "utf-8"))
        is_fitting = model.feature_names == features
    elif model_format == "logistic_json":
        model = json.loads(text)
        is_fitting = len(model["weights"]) == len(features)
    else:
        raise ValueError(f"the format {model_format!r} is unknown")
    if not is_fitting:
        raise ValueError("the model was fitted on other features than the row lists")
    return model


def feature_matrix(frame: pd.DataFrame, features: list[str], needed_by: str) -> np.ndarray:
    """Return features as float64 (rows × features). NULL and infinite values become NaN.

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


def scorers(fitted: dict[str, Any], fifths: np.ndarray) -> Iterator[tuple[Any, np.ndarray]]:
    """Yield each model with the rows (a mask) it scores, given the fifth of the address of each.

    A row goes to the model that was fitted without its fifth, or to the model of all rows where
    there is none.
    """
    for fifth in np.unique(fifths):
        yield fitted["held_out"].get(int(fifth), fitted["model"]), fifths == fifth


def margins(model: Any, matrix: np.ndarray) -> np.ndarray:
    """Return the log-odds a model (see `rebuild`) gives to each row, before calibration."""
    if isinstance(model, xgb.Booster):
        return model.inplace_predict(matrix, predict_type="margin").astype("float64")
    return standardise(model, matrix) @ np.array(model["weights"]) + model["intercept"]


def standardise(coefficients: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return the inputs of the logistic regression: median for NaN, signed log1p, z-score."""
    filled = np.where(np.isnan(matrix), np.array(coefficients["medians"]), matrix)
    logged = np.sign(filled) * np.log1p(np.abs(filled))
    return (logged - np.array(coefficients["means"])) / np.array(coefficients["scales"])


def sigmoid(margin: np.ndarray) -> np.ndarray:
    """Return log-odds as probabilities, without overflow at either end."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(margin, dtype="float64")))


def calibrated(calibration: dict[str, Any], margin: np.ndarray) -> np.ndarray:
    """Return the probability of a scam for log-odds, as fitted when the model was trained."""
    if calibration["method"] == "platt":
        return sigmoid(calibration["slope"] * margin + calibration["intercept"])
    if calibration["method"] == "isotonic":
        return np.interp(margin, calibration["margins"], calibration["probabilities"])
    return sigmoid(margin + calibration["shift"])


# --- end shared ---


def train(
    examples: pd.DataFrame,
    evaluations: pd.DataFrame,
    catalogue: pd.DataFrame,
    scam_labels: Mapping[str, Any],
    search: str,
    unlabelled_sample_percent: float,
    known_runs: Sequence[str],
) -> list[dict[str, Any]]:
    """Return one row per fit × configuration, or none if the run is known.

    `examples`: one row per fit × address; `evaluations`: what the fits are tested on; `catalogue`:
    the table `features`; `scam_labels`: the row of SCAM_LABELS; `known_runs`: the stored runs, the
    newest last. A fit without examples, or with one class only, is skipped with a message. Raises
    ValueError for a search other than quick or full, a percent outside 0 to 100, and features that
    the examples lack.
    """
    if search not in SEARCHES:
        raise ValueError(f"The var search is {search!r}; it must be quick or full.")
    if not 0 < unlabelled_sample_percent <= 100:
        raise ValueError(
            f"The var unlabelled_sample_percent is {unlabelled_sample_percent:g}; it must be above "
            "0 and at most 100."
        )
    examples = examples.sort_values(["fit_name", "address"], ignore_index=True)
    evaluations = evaluations.sort_values(["evaluation", "fit_name"], ignore_index=True)
    sets, monotone_up = feature_sets(catalogue), never_lowering(catalogue)
    training_fingerprint = fingerprint(examples, evaluations)
    run_id = run_identity(
        training_fingerprint,
        training_version=TRAINING_VERSION,
        parameters=SEARCHES[search],
        defaults=[XGBOOST_DEFAULTS, DEFAULT_ROUNDS],
        configurations=configurations(sets, searched_configurations(search)),
        features=sets,
        monotone_up=monotone_up,
        unlabelled_sample_percent=unlabelled_sample_percent,
        seed=SEED,
    )
    if run_id in known_runs:
        if run_id == known_runs[-1]:
            print(f"scam_models: nothing changed, run {run_id} is already stored.")
        else:
            print(
                f"scam_models: data, labels and settings are those of run {run_id} again, which is"
                f" stored and not tried again. Run {known_runs[-1]} is newer. The end of the build"
                f" says which run scores. To score with {run_id}, set champion_run_id to it."
            )
        return []

    run = {
        "run_id": run_id,
        "seed": SEED,
        "training_fingerprint": training_fingerprint,
        "library_versions": library_versions("numpy", "pandas", "scikit-learn", "xgboost"),
        "trained_at": datetime.now(UTC),
    }
    rows = []
    # By fit, what its configurations use. Fits that follow another one come after it.
    chosen: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    followed = followed_fits(evaluations)
    fits = dict(list(examples.groupby("fit_name")))
    in_order = sorted(fits, key=lambda name: (name in followed, name))
    for number, fit_name in enumerate(in_order, 1):
        fit, leader = fits[fit_name], followed.get(fit_name)
        obstacle = why_not_trainable(fit, scam_labels)
        if obstacle:
            print(f"scam_models: fit {fit_name} is skipped: {obstacle}.")
            continue
        chosen[fit_name] = {}
        listed = CONFIGURATIONS if leader else searched_configurations(search)
        by_feature_set = sorted(configurations(sets, listed), key=lambda pair: pair[1])
        data = None
        for model_name, feature_set in by_feature_set:
            started = time.monotonic()
            # Models of the same features share examples, folds and bins.
            if data is None or data.features != sets[feature_set]:
                data = training_data(
                    fit, sets[feature_set], monotone_up, unlabelled_sample_percent, search
                )
            kind = searched_kind(model_name)
            parameters = chosen[fit_name].get((kind, feature_set))
            if parameters is None and leader:
                parameters = follow(leader, chosen.get(leader, {}).get((kind, feature_set)))
            if parameters is None:
                parameters = choose(data, kind, SEARCHES[search])
            chosen[fit_name][kind, feature_set] = parameters
            key = {"fit_name": fit_name, "model_name": model_name, "feature_set": feature_set}
            rows.append({**run, **key, **fit_row(data, fit, model_name, search, parameters)})
            print(
                f"scam_models: fit {fit_name} ({number} of {len(fits)}), {model_name}"
                f" {feature_set}, {time.monotonic() - started:.1f} s"
            )
    if not rows:
        print(
            "scam_models: no model was trained, and models of earlier runs stay as they are. "
            "Training needs addresses labelled as scams, with transactions before the cutoff, "
            "beside others: set LABEL_DATA (or the var label_table), or look at address_labels "
            "and rejected_labels."
        )
    return rows


def searched_configurations(search: str) -> list[tuple[str, str]]:
    """Return the pairs of model and feature set that a fit trains which searches its parameters."""
    compared = COMPARED_CONFIGURATIONS if SEARCHES[search]["has_comparisons"] else []
    return [*CONFIGURATIONS, *compared]


def followed_fits(evaluations: pd.DataFrame) -> dict[str, str]:
    """Return, for each fit that takes its parameters from another one, the name of that fit.

    `evaluations` has fit_name and parameters_from. A fit of which one evaluation asks for a search
    is searched.
    """
    leaders = evaluations.groupby("fit_name")["parameters_from"].agg(set)
    return {fit_name: min(names) for fit_name, names in leaders.items() if "search" not in names}


def searched_kind(model_name: str) -> str:
    """Return the kind of model whose parameters a model has.

    What shuffled labels give is asked of the very model that scores.
    """
    return "xgboost" if model_name == "shuffled_labels" else model_name


def follow(leader: str, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the parameters of the fit `leader` with where they are from; None for None."""
    if parameters is None:
        return None
    names = ["folds", "candidates", "best_rounds", "average_precision"]
    kept = {name: value for name, value in parameters.items() if name not in names}
    return {**kept, "chosen_by": f"the fit {leader}: {parameters['chosen_by']}"}


def feature_sets(catalogue: pd.DataFrame) -> dict[str, list[str]]:
    """Return the features of each set, in the order of the catalogue.

    All sets but `dictionary` leave out when an address lived, which says little about how it
    behaves, how complete the data are around it, and exact aliases. The last set is one amount, for
    the null model.
    """
    catalogue = catalogue.sort_values("feature_number", ignore_index=True)
    is_in_dictionary = catalogue["feature_family"] == "dictionary"
    is_behaving = (
        ~catalogue["is_of_absolute_time"].astype(bool)
        & ~catalogue["is_of_coverage"].astype(bool)
        & catalogue["alias_of"].isna()
    )
    rows = {
        "dictionary": is_in_dictionary,
        "without_absolute_time": is_in_dictionary & is_behaving,
        "all": is_behaving,
        "value_free": is_behaving & ~catalogue["is_of_amounts"].astype(bool),
        "total_amount_incoming": catalogue["feature_name"] == "total_amount_incoming",
    }
    return {name: catalogue.loc[mask, "feature_name"].tolist() for name, mask in rows.items()}


def never_lowering(catalogue: pd.DataFrame) -> list[str]:
    """Return the features of which more may raise the log-odds of a scam and never lower them.

    What a scam pays out goes to those who ran it. What is sent to a scam comes from its victims,
    who are not scams, so the features of sending stay free, and so does behaviour.
    """
    return sorted(catalogue.loc[catalogue["monotone_direction"] == 1, "feature_name"])


def configurations(
    sets: dict[str, list[str]], listed: list[tuple[str, str]] | None = None
) -> list[tuple[str, str]]:
    """Return the pairs of model and feature set to train, of those listed (CONFIGURATIONS).

    Sets with the same features are trained once, under the name of the first.
    """
    first_name: dict[tuple[str, ...], str] = {}
    for name, features in sets.items():
        first_name.setdefault(tuple(features), name)
    pairs = [
        (model_name, first_name[tuple(sets[feature_set])])
        for model_name, feature_set in listed or CONFIGURATIONS
        if sets[feature_set]
    ]
    return list(dict.fromkeys(pairs))


def why_not_trainable(fit: pd.DataFrame, scam_labels: Mapping[str, Any]) -> str | None:
    """Return what a fit lacks for training, with the likely cause, or None."""
    labels = fit["is_scam"]
    if labels.all():
        return (
            f"all of its {len(labels)} training addresses are scams; there are no non-scams to "
            "tell them from (with negatives: labelled, only benign labels count)"
        )
    if labels.any():
        return None
    lack = f"none of its {len(labels)} training addresses is a known scam"
    if scam_labels["scams"] == 0:
        return f"{lack}, and no label with usage training calls an address one"
    known_at = pd.to_datetime(fit["labels_known_at"].iloc[0], utc=True)
    reported_at = pd.to_datetime(scam_labels["first_reported_at"], utc=True)
    if scam_labels["labels_without_report_time"] == 0 and reported_at > known_at:
        is_whole_chain = fit["window_name"].iloc[0] == "lifetime"
        end = "the last transaction" if is_whole_chain else "the end of its training window"
        return (
            f"{lack}: labels are reported later than {end} (the first of {scam_labels['scams']} "
            f"scams at {reported_at:%Y-%m-%d %H:%M:%S}, labels count until "
            f"{known_at:%Y-%m-%d %H:%M:%S}); leave reported_at empty if they were known before"
        )
    return (
        f"{lack}: those of the {scam_labels['scams']} labelled scams that were known by then have "
        "no transactions in the window, are on an external list too, are known by reviews only "
        "(var train_on_reviews), or are held out"
    )


@dataclass(frozen=True)
class TrainingData:
    """Examples of a fit: rows × features, and per row what else training knows of it."""

    features: list[str]
    monotone_up: list[str]
    matrix: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    fifths: np.ndarray
    fold_of: np.ndarray

    @property
    def folds(self) -> int:
        """Return the number of folds that score candidates; 0 where scams are too few."""
        return int(self.fold_of.max(initial=0))

    @cached_property
    def search_folds(self) -> list[tuple["TrainingData", xgb.DMatrix, xgb.DMatrix]]:
        """Return what each fold that scores is tried with: training rows, twice, and the last fold.

        The training rows are in neither of both folds. XGBoost keeps the bins it finds with its
        rows, so that all candidates share them.
        """
        is_last = self.fold_of == self.folds
        parts = [self.part((self.fold_of != fold) & ~is_last) for fold in range(self.folds)]
        return [(part, to_dmatrix(part), to_dmatrix(self.part(is_last))) for part in parts]

    def has_both_classes_among(self, rows: np.ndarray) -> bool:
        """Return whether there are scams and non-scams among the rows of a mask."""
        return bool(self.labels[rows].any() and not self.labels[rows].all())

    def part(self, rows: np.ndarray) -> "TrainingData":
        """Return the rows of a mask."""
        return replace(
            self,
            matrix=self.matrix[rows],
            labels=self.labels[rows],
            weights=self.weights[rows],
            fifths=self.fifths[rows],
            fold_of=self.fold_of[rows] if self.folds else self.fold_of,
        )


def training_data(
    fit: pd.DataFrame,
    features: list[str],
    monotone_up: list[str],
    unlabelled_sample_percent: float,
    search: str,
) -> TrainingData:
    """Return the examples of a fit as training takes them."""
    labels = fit["is_scam"].to_numpy(dtype=bool)
    return TrainingData(
        features,
        [name for name in features if name in monotone_up],
        feature_matrix(fit, features, "Training"),
        labels,
        population_weights(fit, unlabelled_sample_percent),
        fit["address_fifth"].to_numpy(),
        assign_folds(fit["address"], labels, SEARCHES[search]["folds"] + 1),
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
    """Return the fold (0, 1, …) of each address: by hash, scams and non-scams round-robin.

    Returns an empty array when some fold would lack a scam or a non-scam.
    """
    if min(labels.sum(), (~labels).sum()) < folds:
        return np.array([], dtype=int)
    digests = [hashlib.md5(address.encode()).hexdigest() for address in addresses.to_list()]
    order = np.argsort(digests)
    fold_of = np.empty(len(labels), dtype=int)
    for group in (labels, ~labels):
        members = order[group[order]]
        fold_of[members] = np.arange(len(members)) % folds
    return fold_of


def fit_row(
    data: TrainingData,
    fit: pd.DataFrame,
    model_name: str,
    search: str,
    parameters: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the part of a model row that one fit and one configuration decide.

    Folds choose the parameters where none are given. With them one model is fitted on all rows and
    one without each fifth of the addresses. The latter predict their fifth, and calibration is
    fitted on these cross-fitted predictions.
    """
    if parameters is None:
        parameters = choose(data, searched_kind(model_name), SEARCHES[search])
    fitter = fit_shuffled if model_name == "shuffled_labels" else cross_fit
    text, held_out, margin = fitter(data, model_name, parameters)
    row = {
        "features": json.dumps(data.features),
        "calibration": json.dumps(calibrate(data, margin)),
        "model_format": MODEL_FORMATS[model_name],
        "model": text,
        "held_out_models": json.dumps(held_out),
    }
    recorded = {
        "search": search,
        "training_version": TRAINING_VERSION,
        **parameters,
        **(fit_settings(data, parameters) if model_name in BOOSTED else {}),
        "unlabelled_weight": float(data.weights.max()),
        "scoring_sha256": scoring_digest(row),
    }
    window = fit.iloc[0][["window_start", "window_end", "labels_known_at"]].to_dict()
    return {
        **row,
        **window,
        "train_window_name": fit["window_name"].iloc[0],
        "parameters": json.dumps(recorded),
        "training_rows": len(data.labels),
        "training_positives": int(data.labels.sum()),
    }


def cross_fit(
    data: TrainingData, model_name: str, parameters: dict[str, Any]
) -> tuple[str, dict[int, str], np.ndarray]:
    """Return the model of all rows, the models without a fifth each, and what these predict.

    Models are texts, those without a fifth by its number. The cross-fitted log-odds, one per row,
    are those of the model that was fitted without the row's fifth. A fifth without which one class
    is missing has no model, and its rows have NaN.
    """
    nobody = np.zeros(len(data.labels), dtype=bool)
    fifths = {int(fifth): data.fifths == fifth for fifth in np.unique(data.fifths)}
    fifths = {fifth: rows for fifth, rows in fifths.items() if data.has_both_classes_among(~rows)}
    (text, _), *others = side_by_side(
        lambda left_out: fit_without(data, left_out, model_name, parameters),
        [nobody, *fifths.values()],
    )
    margin = np.full(len(data.labels), np.nan)
    for rows, (_, predicted) in zip(fifths.values(), others, strict=True):
        margin[rows] = predicted
    return text, dict(zip(fifths, [other for other, _ in others], strict=True)), margin


def fit_without(
    data: TrainingData, left_out: np.ndarray, model_name: str, parameters: dict[str, Any]
) -> tuple[str, np.ndarray]:
    """Return the model fitted without the rows of a mask as text, and its log-odds of them."""
    model = fit_model(data.part(~left_out), model_name, parameters)
    return to_text(model), margins(model, data.matrix[left_out])


def fit_shuffled(
    data: TrainingData, model_name: str, parameters: dict[str, Any]
) -> tuple[str, dict[int, str], np.ndarray]:
    """Return the same as `cross_fit` of permuted labels, at the cost of about one fit.

    The fifths form two groups, and each is scored by a model of the other one, so that no address
    is scored by a model that was trained on it. The model of the larger group scores new addresses.
    """
    order = np.random.default_rng(SEED).permutation(len(data.labels))
    shuffled = replace(data, labels=data.labels[order])
    fifths = np.unique(data.fifths)
    groups = [fifths[: len(fifths) // 2], fifths[len(fifths) // 2 :]]
    masks = [(group, np.isin(data.fifths, group)) for group in groups]
    masks = [(group, rows) for group, rows in masks if shuffled.has_both_classes_among(~rows)]
    fitted = side_by_side(
        lambda mask: fit_without(shuffled, mask[1], model_name, parameters), masks
    )
    margin, held_out = np.full(len(data.labels), np.nan), {}
    for (group, rows), (text, predicted) in zip(masks, fitted, strict=True):
        margin[rows] = predicted
        held_out |= {int(fifth): text for fifth in group}
    if not fitted:
        return to_text(fit_model(shuffled, model_name, parameters)), held_out, margin
    return fitted[0][0], held_out, margin


def candidates(model_name: str, search: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters to try: the combinations of a grid.

    For XGBoost the defaults come first, then as many seeded draws as the search has, each of which
    changes what its grid names.
    """
    if model_name == "xgboost":
        drawn = random.Random(SEED)
        draws = [
            {name: drawn.choice(values) for name, values in search["xgboost"].items()}
            for _ in range(search["sample"])
        ]
        return [XGBOOST_DEFAULTS, *({**XGBOOST_DEFAULTS, **draw} for draw in draws)]
    grid = search[model_name]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def choose(data: TrainingData, model_name: str, search: dict[str, Any]) -> dict[str, Any]:
    """Return the candidate with the highest mean average precision on folds, and how it was found.

    Without folds (too few scams) the first candidate is taken, and the result says so.
    """
    if model_name == "null_model":
        return {**XGBOOST_DEFAULTS, "rounds": DEFAULT_ROUNDS, "chosen_by": "default: not searched"}
    tried = candidates(model_name, search)
    if not data.folds:
        first = {**XGBOOST_DEFAULTS, "rounds": DEFAULT_ROUNDS}
        taken = first if model_name == "xgboost" else tried[0]
        return {**taken, "chosen_by": "default: too few scams for folds"}
    is_alone = len(tried) == 1
    chosen_by = "the only candidate" if is_alone else "mean average precision on folds"
    # Of trees the folds also say how many.
    if is_alone and model_name != "xgboost":
        return {**tried[0], "chosen_by": chosen_by}
    evaluate = try_boosted_trees if model_name == "xgboost" else try_candidate
    results = [evaluate(data, model_name, candidate, search) for candidate in tried]
    return {
        **max(results, key=lambda result: result["average_precision"]),
        "chosen_by": chosen_by,
        "folds": data.folds,
        "candidates": len(tried),
    }


def fold_score(data: TrainingData, rows: np.ndarray, margin: np.ndarray) -> float:
    """Return the average precision of the log-odds of the rows of a mask."""
    return average_precision_score(data.labels[rows], margin, sample_weight=data.weights[rows])


def try_candidate(
    data: TrainingData, model_name: str, candidate: dict[str, Any], search: dict[str, Any]
) -> dict[str, Any]:
    """Return the candidate with its mean average precision on the folds that score."""

    def score(fold: int) -> float:
        rows = data.fold_of == fold
        model = fit_model(data.part(~rows), model_name, candidate)
        return fold_score(data, rows, margins(model, data.matrix[rows]))

    scores = side_by_side(score, range(data.folds))
    return {**candidate, "average_precision": float(np.mean(scores))}


def try_boosted_trees(
    data: TrainingData, model_name: str, candidate: dict[str, Any], search: dict[str, Any]
) -> dict[str, Any]:
    """Return the candidate with its mean average precision on folds and its number of rounds.

    Each fold is predicted by trees that saw neither it nor the last fold, on whose log loss they
    stopped. More rows carry more trees: the final fit, on all folds, gets the mean of where they
    stopped in proportion to its rows. It gets least_rounds at least: with few scams the log loss
    rises early, out of overconfidence, which calibration corrects, while the ranking still gains.
    most_rounds bounds the stored text.
    """
    folds = range(len(data.search_folds))
    tried = side_by_side(lambda fold: try_fold(data, fold, candidate, search), folds)
    best_rounds, scores = (list(values) for values in zip(*tried, strict=True))
    rounds = float(np.mean(best_rounds)) * (data.folds + 1) / (data.folds - 1)
    return {
        **candidate,
        "rounds": min(max(round(rounds), search["least_rounds"]), search["most_rounds"]),
        "best_rounds": best_rounds,
        "early_stopping_rounds": search["early_stopping_rounds"],
        "average_precision": float(np.mean(scores)),
    }


def try_fold(
    data: TrainingData, fold: int, candidate: dict[str, Any], search: dict[str, Any]
) -> tuple[int, float]:
    """Return where the trees stopped, and the average precision of the fold they did not see."""
    inside, rows_inside, stopping = data.search_folds[fold]
    booster = xgb.Booster(xgboost_parameters(candidate, inside), [rows_inside, stopping])
    best_rounds, least_loss = 0, np.inf
    for rounds in range(1, search["most_rounds"] + 1):
        booster.update(rows_inside, rounds - 1)
        if rounds % search["rounds_per_check"] and rounds < search["most_rounds"]:
            continue
        # Reads as "[9]\tstopping-logloss:0.0431".
        loss = float(booster.eval_set([(stopping, "stopping")], rounds).rsplit(":", 1)[1])
        if loss < least_loss:
            best_rounds, least_loss = rounds, loss
        elif rounds - best_rounds >= search["early_stopping_rounds"]:
            break
    rows = data.fold_of == fold
    margin = booster.inplace_predict(
        data.matrix[rows], predict_type="margin", iteration_range=(0, best_rounds)
    )
    return best_rounds, fold_score(data, rows, margin)


def to_text(model: Any) -> str:
    """Return a model as the text it is stored as, which `rebuild` reads."""
    if isinstance(model, xgb.Booster):
        return model.save_raw("json").decode()
    return json.dumps(model)


def fit_model(data: TrainingData, model_name: str, parameters: dict[str, Any]) -> Any:
    """Return the model fitted on these rows, as `rebuild` returns it."""
    fitters = {
        **dict.fromkeys(BOOSTED, fit_xgboost),
        "random_forest": fit_forest,
        "logistic_regression": fit_logistic,
    }
    return fitters[model_name](data, parameters)


def fit_xgboost(data: TrainingData, parameters: dict[str, Any]) -> xgb.Booster:
    """Return boosted trees."""
    return xgb.train(xgboost_parameters(parameters, data), to_dmatrix(data), parameters["rounds"])


def to_dmatrix(data: TrainingData) -> xgb.DMatrix:
    """Return rows and labels in the form XGBoost reads."""
    return xgb.DMatrix(data.matrix, label=data.labels, feature_names=data.features, nthread=THREADS)


def positive_weight(candidate: dict[str, Any], data: TrainingData) -> float:
    """Return how much a scam counts against a non-scam in the fit."""
    ratio = float((~data.labels).sum() / data.labels.sum())
    return {"one": 1.0, "root": ratio**0.5, "balanced": ratio}[candidate["positive_weight"]]


def fit_settings(data: TrainingData, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what the names in XGBoost's parameters stand for in this fit, to be recorded."""
    return {
        "scam_weight": positive_weight(parameters, data),
        "monotone_up": data.monotone_up,
    }


def xgboost_parameters(candidate: dict[str, Any], data: TrainingData) -> dict[str, Any]:
    """Return what XGBoost is given for a candidate and the rows it is fitted on."""
    directions = ["1" if name in data.monotone_up else "0" for name in data.features]
    return {
        **{name: candidate[name] for name in XGBOOST_DEFAULTS if name != "positive_weight"},
        "scale_pos_weight": positive_weight(candidate, data),
        "monotone_constraints": f"({','.join(directions)})",
        "objective": "binary:logistic",
        "tree_method": "hist",
        "nthread": THREADS,
        "seed": SEED,
    }


def fit_forest(data: TrainingData, parameters: dict[str, Any]) -> xgb.Booster:
    """Return a random forest: many trees in one round, each on a sample.

    Settings are those that XGBoost documents for random forests. A split sees a third of the
    features.
    """
    settings = {
        "num_parallel_tree": parameters["trees"],
        "max_depth": parameters["depth"],
        "eta": 1.0,
        "subsample": 0.8,
        "colsample_bynode": 0.3,
        "reg_lambda": 1e-5,
        "scale_pos_weight": positive_weight(parameters, data),
        "objective": "binary:logistic",
        "tree_method": "hist",
        "nthread": THREADS,
        "seed": SEED,
    }
    return xgb.train(settings, to_dmatrix(data), 1)


def fit_logistic(data: TrainingData, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return medians, means, scales, weights and intercept of a logistic regression.

    NULL is replaced by the median, then signed log1p and z-scores: see `standardise`.
    """
    # A feature without any value has the median 0. SimpleImputer takes eight times as long.
    is_known = ~np.isnan(data.matrix).all(axis=0)
    medians = np.zeros(len(data.features))
    medians[is_known] = np.nanmedian(data.matrix[:, is_known], axis=0)
    filled = np.where(np.isnan(data.matrix), medians, data.matrix)
    scaler = StandardScaler()
    inputs = scaler.fit_transform(np.sign(filled) * np.log1p(np.abs(filled)))
    coefficients = {
        "medians": medians.tolist(),
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
    }
    # Newton's method takes 8 steps where the default solver takes 50 to 100 and ends less close.
    regression = LogisticRegression(
        C=parameters["inverse_penalty"],
        class_weight=parameters["class_weight"],
        solver="newton-cholesky",
        max_iter=5000,
    )
    one_thread_for_linear_algebra()
    regression.fit(inputs, data.labels)
    coefficients["weights"] = regression.coef_[0].tolist()
    coefficients["intercept"] = float(regression.intercept_[0])
    return coefficients


def calibrate(data: TrainingData, margin: np.ndarray) -> dict[str, Any]:
    """Return how log-odds become probabilities, fitted on cross-fitted log-odds (NaN: none)."""
    rows = np.isfinite(margin)
    return {
        "fitted_on": f"cross-fitted predictions of {int(rows.sum())} training addresses",
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
        reason = f"fewer than {LEAST_CALIBRATION_ROWS} scams or non-scams to calibrate on"
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
        reason = "held-out scams do not rank above non-scams"
        return {"method": "identity", **result, "reason": reason, "shift": shift}
    return {"method": "platt", **result, "slope": slope, "intercept": intercept}


def fit_platt(margin: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept of Platt's method.

    A target t between 0 and 1 is a row of either class, weighted t and 1 - t.
    """
    positives, negatives = weights[labels].sum(), weights[~labels].sum()
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    regression = LogisticRegression(C=np.inf, tol=1e-8, max_iter=5000)
    one_thread_for_linear_algebra()
    regression.fit(
        np.concatenate([margin, margin])[:, np.newaxis],
        np.repeat([1, 0], len(margin)),
        sample_weight=np.concatenate([weights * target, weights * (1 - target)]),
    )
    return float(regression.coef_[0, 0]), float(regression.intercept_[0])
