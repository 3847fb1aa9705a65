"""Score the validation and test addresses of every view with the stored models of the newest run.

The models are fitted from the texts of their rows in `scam_models`, so that what is judged is
what scoring would use.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

KEY = ["run_id", "view", "cutoff", "model_name", "feature_set"]

COLUMNS = {
    "run_id": "string",
    "view": "string",
    "cutoff": "string",
    "model_name": "string",
    "feature_set": "string",
    "split": "string",
    "address": "string",
    "is_scam": "boolean",
    "is_first_seen_after_cutoff": "boolean",
    "score": "float64",
    "scam_probability": "float64",
    "value_moved_wei": "float64",
}


def model(dbt: Any, session: Any) -> Any:
    """Score the newest run once; its examples are the ones the tables hold right after it."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id", "view", "cutoff", "model_name", "feature_set", "split", "address"],
        full_refresh=False,
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        tags=["train"],
    )
    models = subquery(dbt.ref("scam_models"))
    examples = dbt.ref("int_scam_evaluation__examples")
    scored_runs = set(stored(dbt, session, ["run_id"])["run_id"])
    run_id = newest_run(query(session, f"select distinct run_id, trained_at from {models} as m"))
    if run_id is None or run_id in scored_runs:
        return to_engine(session, typed([], COLUMNS))
    rows = query(session, f"select * from {models} as m where run_id = '{run_id}'")
    return to_engine(session, typed(score_views(rows, to_pandas(examples)), COLUMNS))


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


def newest_run(runs: pd.DataFrame) -> str | None:
    """Return the run_id trained last, or None; `runs` has run_id and trained_at."""
    if runs.empty:
        return None
    return runs.sort_values(["trained_at", "run_id"])["run_id"].iloc[-1]


def score_views(models: pd.DataFrame, examples: pd.DataFrame) -> pd.DataFrame:
    """Return one row per model row × split × address of the model's view and cutoff.

    `score` is the model's own probability, `scam_probability` the calibrated one. A view without
    examples adds no rows.
    """
    examples = examples.sort_values(["view", "cutoff", "split", "address"])
    by_view = dict(list(examples.groupby(["view", "cutoff"])))
    scored = []
    for row in models.sort_values(KEY).to_dict("records"):
        view_examples = by_view.get((row["view"], row["cutoff"]))
        if view_examples is None:
            continue
        scored.append(score_view(row, view_examples))
    return pd.concat(scored, ignore_index=True) if scored else typed([], COLUMNS)


def score_view(row: Mapping[str, Any], examples: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one model row for the examples of its view and cutoff.

    A validation row is scored by the model that was fitted without its fifth, and left out where
    there is none: what can become champion has one for every fifth, the others for validation.
    """
    fitted = load_model(row)
    is_test = examples["split"] == "test"
    examples = examples[is_test | examples["address_fifth"].isin(list(fitted["held_out"]))]
    needed_by = f"The scam model of run {row['run_id']}"
    matrix = feature_matrix(examples, fitted["features"], needed_by)
    fifths = examples["address_fifth"].mask(examples["split"] == "test", NO_FIFTH).to_numpy()
    margin = np.empty(len(examples))
    for scorer, rows in scorers(fitted, fifths):
        margin[rows] = margins(scorer, matrix[rows])
    key = {name: row[name] for name in KEY}
    kept = examples[["split", "address", "is_scam", "is_first_seen_after_cutoff"]]
    scored = {
        "score": sigmoid(margin),
        "scam_probability": calibrated(fitted["calibration"], margin),
        "value_moved_wei": examples["total_amount_incoming"] + examples["total_amount_outgoing"],
    }
    return typed(kept.assign(**key, **scored), COLUMNS)
