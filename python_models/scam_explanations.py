"""Say what moved the scores of the addresses worth explaining, feature by feature."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

# Contributions cost far more than scores, and each address has a row for every feature: 20,000 are
# 1.6 million rows. The rest waits for the next run, the likeliest scams first.
MOST_ADDRESSES = 20_000

# In place of a feature: the log-odds the model starts from.
BIAS = "bias"

COLUMNS = {
    "run_id": "string",
    "address": "string",
    "feature_name": "string",
    "features_fingerprint": "string",
    "feature_value": "float64",
    "contribution": "float64",
    "explained_at": "timestamp",
}


def model(dbt: Any, session: Any) -> Any:
    """Explain the addresses whose features changed since the champion was last explained there."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id", "address", "feature_name"],
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        # dbt would wait for one hour, and its notebook would go on without it.
        timeout=86400,
    )
    champion = to_pandas(dbt.ref("int_scam_serving__champion"))
    inputs = subquery(dbt.ref("int_scam_serving__explanation_inputs"))
    if champion.empty:
        return to_engine(session, typed([], COLUMNS))
    row = champion.iloc[0]
    order_by = "inputs.explanation_rank"
    changed = query(session, changed_rows(dbt, inputs, row["run_id"], order_by, MOST_ADDRESSES))
    explanations = explain(load_model(row), changed, datetime.now(UTC), row["window_end"])
    return to_engine(session, explanations)


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


# --- shared: changed rows ---
def changed_rows(dbt: Any, inputs: str, run_id: str, order_by: str, limit: int) -> str:
    """Return the query for inputs this run has not stored with the same features, up to `limit`.

    `inputs` is a query in brackets with address and features_fingerprint; the rows left out wait
    for the next run, in the same order.
    """
    waiting = f"select inputs.* from {inputs} as inputs"
    if dbt.is_incremental:
        waiting += (
            f" left join (select * from {dbt.this} where run_id = '{run_id}') as done"
            " on inputs.address = done.address"
            " and inputs.features_fingerprint = done.features_fingerprint"
            " where done.address is null"
        )
    return f"{waiting} order by {order_by} limit {limit}"


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


# --- shared: held out ---
def trained_fifths(addresses: pd.DataFrame, training_end: Any) -> np.ndarray:
    """Return the fifth of each address, NO_FIFTH for those that appeared after the training window.

    `addresses` has address_fifth and first_event_at; times without a zone are UTC.
    """
    first_event_at = pd.to_datetime(addresses["first_event_at"], utc=True)
    is_new = first_event_at >= pd.to_datetime(training_end, utc=True)
    return np.where(is_new, NO_FIFTH, addresses["address_fifth"].to_numpy())


# --- end shared ---


def explain(
    fitted: dict[str, Any], addresses: pd.DataFrame, explained_at: datetime, training_end: Any
) -> pd.DataFrame:
    """Return one row per address × feature of the model, and one for its bias, sorted by address.

    Each address is explained by the model that scored it: the contributions of its rows sum to the
    log-odds of its score before calibration. `training_end` is the end of the window the model was
    fitted on. feature_value is NaN where it is unknown, and for the bias.
    """
    addresses = addresses.sort_values("address", ignore_index=True)
    matrix = feature_matrix(
        addresses, fitted["features"], f"The scam model of run {fitted['run_id']}"
    )
    names = [*fitted["features"], BIAS]
    shares = np.empty((len(addresses), len(names)))
    for scorer, rows in scorers(fitted, trained_fifths(addresses, training_end)):
        shares[rows] = contributions(scorer, matrix[rows])
    values = np.column_stack([matrix, np.full(len(addresses), np.nan)])
    repeated = {
        name: addresses[name].to_numpy(dtype=object).repeat(len(names))
        for name in ("address", "features_fingerprint")
    }
    rows = {
        **repeated,
        "run_id": fitted["run_id"],
        "feature_name": np.tile(np.array(names, dtype=object), len(addresses)),
        "feature_value": values.ravel(),
        "contribution": shares.ravel(),
        "explained_at": explained_at,
    }
    return typed(pd.DataFrame(rows), COLUMNS)


def contributions(booster: xgb.Booster, matrix: np.ndarray) -> np.ndarray:
    """Return rows × (features + 1): what each feature adds to the log-odds. The bias is last.

    XGBoost's SHAP values (Lundberg et al. 2018, TreeSHAP). A row sums to its margin.
    """
    data = xgb.DMatrix(matrix, feature_names=booster.feature_names)
    return booster.predict(data, pred_contribs=True).astype("float64")
