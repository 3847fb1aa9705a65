"""Score the addresses of every evaluation with the stored models of the newest run.

The models are rebuilt from the texts of their rows in `scam_models`, so that what is evaluated is
what scoring would use. An address that the model was trained on is scored by the model that was
fitted without its fifth of the addresses.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from threadpoolctl import threadpool_limits

# Rankings by one feature, beside which every model has to stand.
BASELINES = {"one_hop_rule": "scam_counterparty_share"}

# The evaluation on which a run is compared with the incumbent.
TRIAL = "future"

KEY = ["run_id", "fit_name", "model_name", "feature_set"]

COLUMNS = {
    "run_id": "string",
    "evaluation": "string",
    "fit_name": "string",
    "model_name": "string",
    "feature_set": "string",
    "address": "string",
    "is_scam": "boolean",
    "is_held_out": "boolean",
    "is_first_seen_after_cutoff": "boolean",
    "score": "float64",
    "scam_probability": "float64",
    "event_count": "int64",
    "value_received_wei": "float64",
}


def model(dbt: Any, session: Any) -> Any:
    """Score the newest run once; its examples are the ones the tables hold right after it."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id", "evaluation", "fit_name", "model_name", "feature_set", "address"],
        full_refresh=False,
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        # dbt would wait for one hour, and its notebook would go on without it.
        timeout=86400,
        tags=["train"],
    )
    models = subquery(dbt.ref("scam_models"))
    examples = dbt.ref("int_scam_evaluation__examples")
    incumbents = dbt.ref("int_scam_evaluation__incumbent")
    scored_runs = set(stored(dbt, session, ["run_id"])["run_id"])
    run_id = newest_run(query(session, f"select distinct run_id, trained_at from {models} as m"))
    if run_id is None or run_id in scored_runs:
        return to_engine(session, typed([], COLUMNS))
    rows = query(session, f"select * from {models} as m where run_id = '{run_id}'")
    scores = score_run(rows, to_pandas(incumbents), to_pandas(examples))
    return to_engine(session, typed(scores, COLUMNS))


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


def newest_run(runs: pd.DataFrame) -> str | None:
    """Return the run_id trained last, or None; `runs` has run_id and trained_at."""
    if runs.empty:
        return None
    return runs.sort_values(["trained_at", "run_id"])["run_id"].iloc[-1]


def score_run(
    models: pd.DataFrame, incumbents: pd.DataFrame, examples: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per model × evaluation of its fit × address.

    `models`: the rows of one run; `incumbents`: the model that the run has to beat, if there is
    one; `examples`: the addresses of all evaluations. `score` is the model's own probability,
    `scam_probability` the calibrated one.
    """
    by_fit = dict(list(examples.sort_values(["evaluation", "address"]).groupby("fit_name")))
    rows = models[models["fit_name"].isin(list(by_fit))].sort_values(KEY).to_dict("records")
    scored = [
        typed([], COLUMNS),
        *side_by_side(lambda row: score_model(row, by_fit[row["fit_name"]]), rows),
    ]
    runs = models["run_id"].unique()
    for fit_name, fit_examples in by_fit.items():
        if fit_name in set(models["fit_name"]):
            for name, feature in BASELINES.items():
                scored.append(rank_by(runs[0], fit_name, name, feature, fit_examples))
    trial = examples[examples["evaluation"] == TRIAL].sort_values("address")
    for row in incumbents.to_dict("records"):
        if len(runs) and not trial.empty and isinstance(row["model"], str):
            scored.append(score_incumbent(row, runs[0], trial))
    return pd.concat(scored, ignore_index=True)


def score_model(row: Mapping[str, Any], examples: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one model for the examples of its fit.

    An address it was trained on is left out where no model was fitted without its fifth, because
    one class was missing from the rest.
    """
    fitted = load_model(row)
    fifths = examples["address_fifth"].where(examples["is_trained_on"], NO_FIFTH)
    is_scorable = ~examples["is_trained_on"] | fifths.isin(list(fitted["held_out"]))
    return scored_rows(row, fitted, examples[is_scorable], fifths[is_scorable].to_numpy())


def score_incumbent(row: Mapping[str, Any], run_id: str, examples: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of the incumbent for the addresses of the trial, under the new run's id.

    It may have been trained on every address that was seen before the end of its own training
    window. No rows, and a message, where it cannot score.
    """
    try:
        fitted = load_model(row)
        first_event_at = pd.to_datetime(examples["first_event_at"], utc=True)
        is_trained_on = first_event_at < pd.to_datetime(row["window_end"], utc=True)
        fifths = examples["address_fifth"].where(is_trained_on, NO_FIFTH)
        is_scorable = ~is_trained_on | fifths.isin(list(fitted["held_out"]))
        key = {**row, "run_id": run_id, "model_name": "incumbent"}
        return scored_rows(key, fitted, examples[is_scorable], fifths[is_scorable].to_numpy())
    except ValueError as error:
        print(f"scam_evaluation_scores: the incumbent cannot be compared with. {error}")
        return typed([], COLUMNS)


def scored_rows(
    key: Mapping[str, Any], fitted: dict[str, Any], examples: pd.DataFrame, fifths: np.ndarray
) -> pd.DataFrame:
    """Return the rows of examples, each scored by the model for its fifth (see `scorers`)."""
    needed_by = f"The scam model of run {fitted['run_id']}"
    matrix = feature_matrix(examples, fitted["features"], needed_by)
    margin = np.empty(len(examples))
    for scorer, rows in scorers(fitted, fifths):
        margin[rows] = margins(scorer, matrix[rows])
    return evaluated(
        examples,
        run_id=key["run_id"],
        model_name=key["model_name"],
        feature_set=key["feature_set"],
        is_held_out=fifths != NO_FIFTH,
        score=sigmoid(margin),
        scam_probability=calibrated(fitted["calibration"], margin),
    )


def rank_by(
    run_id: str, fit_name: str, name: str, feature: str, examples: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of a baseline that ranks by one feature, a share from 0 to 1."""
    return evaluated(
        examples,
        run_id=run_id,
        model_name=name,
        feature_set=feature,
        is_held_out=False,
        score=examples[feature],
        scam_probability=np.nan,
    )


def evaluated(examples: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """Return examples with the given values and their size, in the columns of the table."""
    size = {
        "event_count": examples["tx_count"],
        "value_received_wei": examples["total_amount_incoming"],
    }
    return typed(examples.assign(**values, **size), COLUMNS)
