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
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
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

# When an address lived says little about how it behaves, and a later window has later times.
ABSOLUTE_TIME = ["avg_time_incoming", "avg_time_outgoing", "last_seen", "recency"]

# Same numbers as in_degree, out_degree and active_duration.
ALIASES = ["incoming_count", "outgoing_count", "total_tx_time"]

FEATURE_SETS = {
    "dictionary": DICTIONARY,
    "without_absolute_time": [name for name in DICTIONARY if name not in ABSOLUTE_TIME + ALIASES],
}

CONFIGURATIONS = [
    (model_name, feature_set)
    for model_name in ("xgboost", "logistic_regression")
    for feature_set in FEATURE_SETS
]

SEED = 20150730

# dbt runs models side by side, and XGBoost's threads wait for each other in training: beside other
# work two are many times slower than one. A fixed number also makes every machine train the same.
THREADS = 1

# Candidates are every combination, or `sample` of them drawn with the seed. `rounds` (trees) come
# last: one training with the most trees is judged at each of them. `positive_weight`: how much a
# scam counts; `root` is the square root of the ratio of negatives to positives.
SEARCHES = {
    "quick": {
        "folds": 3,
        "sample": None,
        "xgboost": {
            "max_depth": [3, 5],
            "eta": [0.1],
            "min_child_weight": [2],
            "subsample": [0.8],
            "colsample_bytree": [0.8],
            "positive_weight": ["one", "root"],
        },
        "rounds": [40, 80, 120],
        "logistic_regression": {"inverse_penalty": [0.01, 0.1, 1.0], "class_weight": [None]},
    },
    "full": {
        "folds": 5,
        "sample": 24,
        "xgboost": {
            "max_depth": [2, 3, 4, 5, 6, 8],
            "eta": [0.03, 0.06, 0.1],
            "min_child_weight": [1, 2, 5, 10],
            "subsample": [0.6, 0.8, 1.0],
            "colsample_bytree": [0.5, 0.8, 1.0],
            "positive_weight": ["one", "root", "balanced"],
        },
        "rounds": [50, 100, 200, 400, 800],
        "logistic_regression": {
            "inverse_penalty": [0.001, 0.01, 0.1, 1.0, 10.0],
            "class_weight": [None, "balanced"],
        },
    },
}

# Fewer scams or others than this in the validation split leave the probabilities as they are.
LEAST_CALIBRATION_ROWS = 5

# Isotonic calibration follows any shape, but needs this many scams to be steadier than Platt's.
LEAST_ISOTONIC_POSITIVES = 200

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
    examples = to_pandas(dbt.ref("int_scam_training_examples"))
    views = to_pandas(dbt.ref("int_scam_views"))
    known_runs = set(stored(dbt, session, ["run_id"])["run_id"])
    rows = train(examples, views, dbt.config.meta_get("search", "quick"), known_runs)
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
def scoring_digest(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of the texts of a model row that scoring uses."""
    texts = [row["features"], row["calibration"], row["model_format"], row["model"]]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def load_model(row: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild a model from its row of `scam_models`.

    Returns run_id, features (list), calibration (dict) and either booster or coefficients.
    Raises ValueError when the row is not what training wrote: XGBoost ends the whole process on
    some damaged texts, so the digest is checked before it reads one.
    """
    run_id = row["run_id"]
    try:
        if scoring_digest(row) != json.loads(row["parameters"])["scoring_sha256"]:
            raise ValueError("the texts do not match their digest")
        fitted = {
            "run_id": run_id,
            "features": json.loads(row["features"]),
            "calibration": json.loads(row["calibration"]),
        }
        if row["model_format"] == "xgboost_json":
            fitted["booster"] = xgb.Booster()
            fitted["booster"].load_model(bytearray(row["model"], "utf-8"))
        elif row["model_format"] == "logistic_json":
            fitted["coefficients"] = json.loads(row["model"])
        else:
            raise ValueError(f"the format {row['model_format']!r} is unknown")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The stored model of run {run_id} (scam_models) was changed after training: {error}. "
            "Delete the rows of this run and train again (dbt build --select tag:train+), or "
            "score with an older run: --vars '{champion_run_id: …}'."
        ) from error
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


def margins(fitted: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return the log-odds the model gives to each row of the matrix, before calibration."""
    if "booster" in fitted:
        data = xgb.DMatrix(matrix, feature_names=fitted["features"])
        return fitted["booster"].predict(data, output_margin=True).astype("float64")
    coefficients = fitted["coefficients"]
    weights = np.array(coefficients["weights"])
    return standardise(coefficients, matrix) @ weights + coefficients["intercept"]


def standardise(coefficients: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return the inputs of the logistic regression: median for NaN, signed log1p, z-score."""
    filled = np.where(np.isnan(matrix), np.array(coefficients["medians"]), matrix)
    logged = np.sign(filled) * np.log1p(np.abs(filled))
    return (logged - np.array(coefficients["means"])) / np.array(coefficients["scales"])


def sigmoid(margin: np.ndarray) -> np.ndarray:
    """Return log-odds as probabilities, without overflow at either end."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(margin, dtype="float64")))


def calibrated(calibration: dict[str, Any], margin: np.ndarray) -> np.ndarray:
    """Return the probability of a scam for log-odds, as learnt on the validation split."""
    if calibration["method"] == "platt":
        return sigmoid(calibration["slope"] * margin + calibration["intercept"])
    if calibration["method"] == "isotonic":
        return np.interp(margin, calibration["margins"], calibration["probabilities"])
    return sigmoid(margin)


# --- end shared ---


def train(
    examples: pd.DataFrame, views: pd.DataFrame, search: str, known_runs: set[str]
) -> list[dict[str, Any]]:
    """Return one row per view × cutoff × configuration, or none if the run is known.

    `examples`: one row per fit × address; `views`: one row per view × cutoff (see their models).
    A fit without examples, or with one class only, is skipped with a message. Raises ValueError
    for a search other than quick or full.
    """
    if search not in SEARCHES:
        raise ValueError(f"The var search is {search!r}; it must be quick or full.")
    examples = examples.sort_values(["fit_name", "split", "address"], ignore_index=True)
    views = views.sort_values(["view", "cutoff"], ignore_index=True)
    training_fingerprint = fingerprint(examples, views)
    run_id = run_identity(
        training_fingerprint,
        parameters=SEARCHES[search],
        configurations=CONFIGURATIONS,
        features=FEATURE_SETS,
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
    rows = []
    for fit_name, fit_views in views.groupby("fit_name"):
        fit = examples[examples["fit_name"] == fit_name]
        obstacle = why_not_trainable(fit)
        if obstacle:
            print(f"scam_models: fit {fit_name} is skipped: {obstacle}.")
            continue
        for model_name, feature_set in CONFIGURATIONS:
            fitted = train_fit(fit, model_name, feature_set, search)
            rows += [
                {**run, **fitted, **view}
                for view in fit_views[["view", "cutoff", "fit_name", "train_window_name"]].to_dict(
                    "records"
                )
            ]
    if not rows:
        print(
            "scam_models: no model was trained. Training needs addresses labelled as scams, with "
            "transactions before the cutoff, beside others: set LABEL_DATA (or the var "
            "label_table), or look at address_labels and rejected_labels."
        )
    return rows


def why_not_trainable(fit: pd.DataFrame) -> str | None:
    """Return what a fit lacks for training, or None."""
    labels = fit.loc[fit["split"] == "train", "is_scam"]
    if labels.empty:
        return "it has no training examples"
    if not labels.any():
        return f"none of its {len(labels)} training addresses is a known scam"
    if labels.all():
        return f"all of its {len(labels)} training addresses are scams"
    return None


def train_fit(fit: pd.DataFrame, model_name: str, feature_set: str, search: str) -> dict[str, Any]:
    """Return the part of a model row that one fit and one configuration decide.

    Parameters are chosen on folds of the training split. The validation split is used for
    calibration only.
    """
    features = FEATURE_SETS[feature_set]
    training, validation = fit[fit["split"] == "train"], fit[fit["split"] == "validation"]
    matrix = feature_matrix(training, features, "Training")
    labels = training["is_scam"].to_numpy(dtype=bool)
    fold_of = assign_folds(training["address"], labels, SEARCHES[search]["folds"])

    if model_name == "xgboost":
        parameters = choose_xgboost(matrix, labels, fold_of, features, SEARCHES[search])
        model_format, text = "xgboost_json", fit_xgboost(matrix, labels, features, parameters)
    else:
        parameters = choose_logistic(matrix, labels, fold_of, SEARCHES[search])
        model_format, text = "logistic_json", fit_logistic(matrix, labels, parameters)

    row = {
        "features": json.dumps(features),
        "model_format": model_format,
        "model": text,
        "calibration": json.dumps({"method": "identity"}),
    }
    digest = json.dumps({"scoring_sha256": scoring_digest(row)})
    uncalibrated = load_model({**row, "run_id": "in training", "parameters": digest})
    validation_labels = validation["is_scam"].to_numpy(dtype=bool)
    row["calibration"] = json.dumps(
        fit_calibration(
            margins(uncalibrated, feature_matrix(validation, features, "Calibration")),
            validation_labels,
        )
    )
    parameters = {"search": search, **parameters, "scoring_sha256": scoring_digest(row)}
    window = training.iloc[0][["window_start", "window_end", "labels_known_at"]].to_dict()
    return {
        **row,
        **window,
        "model_name": model_name,
        "feature_set": feature_set,
        "parameters": json.dumps(parameters),
        "training_rows": len(training),
        "training_positives": int(labels.sum()),
        "validation_rows": len(validation),
        "validation_positives": int(validation_labels.sum()),
    }


def assign_folds(addresses: pd.Series, labels: np.ndarray, folds: int) -> np.ndarray:
    """Return the fold (0, 1, …) of each address: by hash, scams and others dealt out in turn.

    Returns an empty array when some fold would lack a scam or another address.
    """
    if min(labels.sum(), (~labels).sum()) < folds:
        return np.array([], dtype=int)
    order = np.argsort([hashlib.md5(address.encode()).hexdigest() for address in addresses])
    fold_of = np.empty(len(labels), dtype=int)
    for group in (labels, ~labels):
        members = order[group[order]]
        fold_of[members] = np.arange(len(members)) % folds
    return fold_of


def candidates(grid: dict[str, list[Any]], sample: int | None) -> list[dict[str, Any]]:
    """Return the combinations of a grid, or a seeded sample of them, always in the same order."""
    every = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    if sample is None or sample >= len(every):
        return every
    return random.Random(SEED).sample(every, sample)


def choose_xgboost(
    matrix: np.ndarray,
    labels: np.ndarray,
    fold_of: np.ndarray,
    features: list[str],
    search: dict[str, Any],
) -> dict[str, Any]:
    """Return the candidate and number of trees with the highest mean average precision on folds.

    Without folds (too few scams) the first candidate is taken, and the result says so.
    """
    tried = candidates(search["xgboost"], search["sample"])
    if fold_of.size == 0:
        middle = search["rounds"][len(search["rounds"]) // 2]
        return {**tried[0], "rounds": middle, "chosen_by": "default: too few scams for folds"}
    scores = {}
    for fold in range(fold_of.max() + 1):
        inside, outside = fold_of != fold, fold_of == fold
        training = to_dmatrix(matrix[inside], features, labels[inside])
        held_out = to_dmatrix(matrix[outside], features)
        for number, candidate in enumerate(tried):
            booster = xgb.train(
                xgboost_parameters(candidate, labels[inside]), training, search["rounds"][-1]
            )
            for rounds in search["rounds"]:
                predicted = booster.predict(held_out, iteration_range=(0, rounds))
                score = average_precision_score(labels[outside], predicted)
                scores.setdefault((number, rounds), []).append(score)
    means = {key: float(np.mean(values)) for key, values in scores.items()}
    number, rounds = max(means, key=means.get)
    return {
        **tried[number],
        "rounds": rounds,
        "chosen_by": "mean average precision on folds of the training split",
        "folds": search["folds"],
        "candidates": len(means),
        "average_precision": means[number, rounds],
    }


def fit_xgboost(
    matrix: np.ndarray, labels: np.ndarray, features: list[str], parameters: dict[str, Any]
) -> str:
    """Return the boosted trees fitted on all training rows as XGBoost's JSON text."""
    booster = xgb.train(
        xgboost_parameters(parameters, labels),
        to_dmatrix(matrix, features, labels),
        parameters["rounds"],
    )
    return booster.save_raw("json").decode()


def to_dmatrix(
    matrix: np.ndarray, features: list[str], labels: np.ndarray | None = None
) -> xgb.DMatrix:
    """Return a matrix, and labels if given, as XGBoost wants them."""
    return xgb.DMatrix(matrix, label=labels, feature_names=features, nthread=THREADS)


def xgboost_parameters(candidate: dict[str, Any], labels: np.ndarray) -> dict[str, Any]:
    """Return what XGBoost is given for a candidate; `labels` set the weight of a scam."""
    ratio = float((~labels).sum() / labels.sum())
    weights = {"one": 1.0, "root": ratio**0.5, "balanced": ratio}
    names = ["max_depth", "eta", "min_child_weight", "subsample", "colsample_bytree"]
    return {
        **{name: candidate[name] for name in names},
        "scale_pos_weight": weights[candidate["positive_weight"]],
        "objective": "binary:logistic",
        "tree_method": "hist",
        "nthread": THREADS,
        "seed": SEED,
    }


def choose_logistic(
    matrix: np.ndarray, labels: np.ndarray, fold_of: np.ndarray, search: dict[str, Any]
) -> dict[str, Any]:
    """Return the candidate with the highest mean average precision on folds, as for XGBoost."""
    tried = candidates(search["logistic_regression"], search["sample"])
    if fold_of.size == 0:
        return {**tried[0], "chosen_by": "default: too few scams for folds"}
    means = []
    for candidate in tried:
        scores = []
        for fold in range(fold_of.max() + 1):
            inside, outside = fold_of != fold, fold_of == fold
            text = fit_logistic(matrix[inside], labels[inside], candidate)
            predicted = margins({"coefficients": json.loads(text)}, matrix[outside])
            scores.append(average_precision_score(labels[outside], predicted))
        means.append(float(np.mean(scores)))
    best = int(np.argmax(means))
    return {
        **tried[best],
        "chosen_by": "mean average precision on folds of the training split",
        "folds": search["folds"],
        "candidates": len(means),
        "average_precision": means[best],
    }


def fit_logistic(matrix: np.ndarray, labels: np.ndarray, parameters: dict[str, Any]) -> str:
    """Return medians, means, scales, weights and intercept of a logistic regression as JSON.

    NULL is replaced by the median, then signed log1p and z-scores: see `standardise`.
    """
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    filled = imputer.fit_transform(matrix)
    scaler = StandardScaler().fit(np.sign(filled) * np.log1p(np.abs(filled)))
    coefficients = {
        "medians": imputer.statistics_.tolist(),
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
    }
    regression = LogisticRegression(
        C=parameters["inverse_penalty"], class_weight=parameters["class_weight"], max_iter=5000
    )
    # Sums over several threads may differ in the last bit.
    with threadpool_limits(1):
        regression.fit(standardise(coefficients, matrix), labels)
    coefficients["weights"] = regression.coef_[0].tolist()
    coefficients["intercept"] = float(regression.intercept_[0])
    return json.dumps(coefficients)


def fit_calibration(margin: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return how log-odds become probabilities, learnt from validation rows, as plain numbers.

    Isotonic with many scams, else Platt's method (J. Platt 1999: a logistic regression on the
    log-odds with targets drawn in from 0 and 1), else identity with the reason.
    """
    positives, negatives = int(labels.sum()), int((~labels).sum())
    counts = {"positives": positives, "negatives": negatives}
    if min(positives, negatives) < LEAST_CALIBRATION_ROWS:
        return {
            "method": "identity",
            **counts,
            "reason": f"fewer than {LEAST_CALIBRATION_ROWS} scams or others to calibrate on",
        }
    if positives >= LEAST_ISOTONIC_POSITIVES:
        edge = 1.0 / (positives + negatives + 2)
        isotonic = IsotonicRegression(y_min=edge, y_max=1 - edge).fit(margin, labels)
        return {
            "method": "isotonic",
            **counts,
            "margins": isotonic.X_thresholds_.tolist(),
            "probabilities": isotonic.y_thresholds_.tolist(),
        }
    slope, intercept = fit_platt(margin, labels)
    if slope <= 0:
        return {
            "method": "identity",
            **counts,
            "reason": "on the validation split scams do not rank above others",
        }
    return {"method": "platt", **counts, "slope": slope, "intercept": intercept}


def fit_platt(margin: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept of Platt's method.

    A target t between 0 and 1 is a row of either class, weighted t and 1 - t.
    """
    positives, negatives = labels.sum(), (~labels).sum()
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    regression = LogisticRegression(C=np.inf, tol=1e-8, max_iter=5000)
    with threadpool_limits(1):
        regression.fit(
            np.concatenate([margin, margin])[:, np.newaxis],
            np.repeat([1, 0], len(margin)),
            sample_weight=np.concatenate([target, 1 - target]),
        )
    return float(regression.coef_[0, 0]), float(regression.intercept_[0])
