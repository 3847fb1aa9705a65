"""Judge each new run against the champion of its time, once, on a recent slice neither has seen.

A challenger is promoted if its average precision on the slice is better by a paired bootstrap, or
equal with better probabilities. Both are represented by their time-view models: the lifetime
models that score addresses were fitted on the slice.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

# What scores addresses, as in macros/scam/champion.sql: the best feature set first.
CHAMPION_MODEL_NAME = "xgboost"
CHAMPION_FEATURE_SETS = ["all", "without_absolute_time"]

# The test window of the time view, in feature_windows.
SLICE_WINDOW = "future"

REPLICATES = 1000
SEED = 20150730

# Replicates × examples held at once: 10 million integers are 80 MB.
BATCH_CELLS = 10_000_000

# With fewer scams the interval says little, and one label decides.
LEAST_POSITIVES = 10

# Average precisions this close count as equal if the interval agrees.
LARGEST_EQUAL_DIFFERENCE = 0.01

COLUMNS = {
    "run_id": "string",
    "incumbent_run_id": "string",
    "reason_code": "string",
    "reason_detail": "string",
    "examples": "int64",
    "positives": "int64",
    "average_precision": "float64",
    "average_precision_low": "float64",
    "average_precision_high": "float64",
    "incumbent_average_precision": "float64",
    "difference": "float64",
    "difference_low": "float64",
    "difference_high": "float64",
    "brier_score": "float64",
    "incumbent_brier_score": "float64",
    "brier_reduction": "float64",
    "brier_reduction_low": "float64",
    "brier_reduction_high": "float64",
    "is_promoted": "boolean",
    "slice_start": "timestamp",
    "slice_end": "timestamp",
    "trained_at": "timestamp",
}


def model(dbt: Any, session: Any) -> Any:
    """Judge the runs that have no trial yet, oldest first; a run is judged once."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id"],
        full_refresh=False,
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        tags=["train"],
    )
    models = subquery(dbt.ref("scam_models"))
    examples = subquery(dbt.ref("int_scam_evaluation__examples"))
    windows = subquery(dbt.ref("feature_windows"))
    trials = stored(dbt, session, ["run_id", "is_promoted", "trained_at"])
    runs = query(session, f"select distinct run_id, trained_at from {models} as m")
    untried = in_order(runs[~runs["run_id"].isin(trials["run_id"])])
    if untried.empty:
        return to_engine(session, typed([], COLUMNS))
    champions = query(
        session,
        f"select * from {models} as m"
        f" where model_name = '{CHAMPION_MODEL_NAME}' and view in ('lifetime', 'time')",
    )
    test = query(session, f"select * from {examples} as e where view = 'time' and split = 'test'")
    ends = query(
        session, f"select data_end_at from {windows} as w where window_name = '{SLICE_WINDOW}'"
    )
    # A run whose models were deleted, because they were damaged, no longer stands in the way.
    standing = trials["is_promoted"].astype("bool") & trials["run_id"].isin(runs["run_id"])
    promoted = in_order(trials[standing])
    rows = judge_runs(
        untried,
        champions,
        test,
        ends,
        promoted["run_id"].tolist(),
        dbt.config.meta_get("champion_run_id"),
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


def in_order(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs as they were trained, the oldest first."""
    return runs.sort_values(["trained_at", "run_id"], ignore_index=True)


def judge_runs(
    untried: pd.DataFrame,
    models: pd.DataFrame,
    test: pd.DataFrame,
    ends: pd.DataFrame,
    promoted: list[str],
    pinned_run_id: str | None,
) -> list[dict[str, Any]]:
    """Return one row per untried run (run_id and trained_at, oldest first).

    `models`: rows of scam_models that could be champion, lifetime and time view; `test`: test
    examples of the time view; `ends`: its data_end_at; `promoted`: runs promoted by earlier trials,
    the last one last. A pinned run, where there is such a run, is the incumbent of all others.
    """
    test = test.sort_values("address", ignore_index=True)
    slice_end = ends["data_end_at"].max()
    lifetime, time_view = by_run(models, "lifetime"), by_run(models, "time")
    promoted = list(promoted)
    trials = []
    for run_id, trained_at in untried[["run_id", "trained_at"]].itertuples(index=False):
        incumbent = promoted[-1] if promoted else None
        if promoted and pinned_run_id in lifetime and pinned_run_id != run_id:
            incumbent = pinned_run_id
        if run_id in lifetime:
            verdict = judge(time_view.get(run_id), incumbent, time_view.get(incumbent), test)
        else:
            verdict = {"reason_code": "no_lifetime_model", "is_promoted": False}
        if verdict["is_promoted"]:
            promoted.append(run_id)
        trials.append(
            {
                "run_id": run_id,
                "incumbent_run_id": incumbent,
                "slice_end": slice_end if verdict.get("slice_start") else None,
                "trained_at": trained_at,
                **verdict,
            }
        )
    return trials


def by_run(models: pd.DataFrame, view: str) -> dict[str, dict[str, Any]]:
    """Return the row of a view that would score, by run: the best feature set the run has."""
    rows = {}
    for feature_set in reversed(CHAMPION_FEATURE_SETS):
        chosen = models[(models["view"] == view) & (models["feature_set"] == feature_set)]
        rows |= {row["run_id"]: row for row in chosen.to_dict("records")}
    return rows


def judge(
    challenger: Mapping[str, Any] | None,
    incumbent_run_id: str | None,
    incumbent: Mapping[str, Any] | None,
    test: pd.DataFrame,
) -> dict[str, Any]:
    """Return the figures of a run that can score, is_promoted and why (reason_code).

    `challenger` and `incumbent`: their time-view rows, None where a run has none. Without an
    incumbent_run_id the run is the first one and is promoted whatever its figures are.
    """
    is_first = incumbent_run_id is None

    def decided(reason_code: str, **figures: Any) -> dict[str, Any]:
        reason_code = "first_run" if is_first else reason_code
        is_promoted = reason_code in ("first_run", "better", "equal_and_better_calibrated")
        return {"reason_code": reason_code, "is_promoted": is_promoted, **figures}

    if challenger is None:
        return decided("no_time_model")
    if incumbent is None and not is_first:
        return decided("incumbent_without_time_model")
    if test.empty:
        return decided("no_slice")
    slice_start = test["cutoff"].iloc[0]
    opponents = [challenger] if is_first else [challenger, incumbent]
    if any(row["cutoff"] > slice_start for row in opponents):
        return decided("slice_was_trained_on", reason_detail=max(r["cutoff"] for r in opponents))
    labels = test["is_scam"].to_numpy(dtype=bool)
    figures = {
        "slice_start": slice_start,
        "examples": len(labels),
        "positives": int(labels.sum()),
    }
    scores = []
    for role, row in zip(("challenger", "incumbent"), opponents, strict=False):
        try:
            scores.append(score(row, test))
        except ValueError as error:
            return decided(f"{role}_unusable", reason_detail=str(error), **figures)
    figures |= compare(labels, scores)
    return decided("first_run" if is_first else reason_for(figures), **figures)


def score(row: Mapping[str, Any], examples: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds, which rank, and calibrated probabilities. Raises ValueError, see above."""
    fitted = load_model(row)
    needed_by = f"The scam model of run {row['run_id']}"
    margin = margins(fitted, feature_matrix(examples, fitted["features"], needed_by))
    return margin, calibrated(fitted["calibration"], margin)


def reason_for(figures: Mapping[str, Any]) -> str:
    """Return better, equal_and_better_calibrated, not_better or too_few_positives."""
    if figures["positives"] < LEAST_POSITIVES:
        return "too_few_positives"
    if figures["difference_low"] > 0:
        return "better"
    is_equal = (
        figures["difference_low"] <= 0 <= figures["difference_high"]
        and abs(figures["difference"]) <= LARGEST_EQUAL_DIFFERENCE
    )
    is_better_calibrated = figures["brier_reduction_low"] > 0
    return "equal_and_better_calibrated" if is_equal and is_better_calibrated else "not_better"


def compare(labels: np.ndarray, scores: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Return average precision and Brier score of the models, differences and 95 % intervals.

    `scores`: log-odds and probabilities of the challenger, then, if there is one, of the
    incumbent. Differences are positive where the challenger is better. The bootstrap draws
    addresses, each as often for either model (paired), with Poisson weights (Chamandy et al.
    2012).
    """
    everyone = np.ones((1, len(labels)), dtype="int64")
    measured = [measure(labels, each, everyone)[:, 0] for each in scores]
    # Models × measures × replicates.
    drawn = np.concatenate(
        [
            np.stack([measure(labels, each, weights) for each in scores])
            for weights in resamples(len(labels))
        ],
        axis=2,
    )
    (precision, brier), (precisions, briers) = measured[0], drawn[0]
    figures = {"average_precision": precision, "brier_score": brier}
    figures |= interval("average_precision", precisions)
    for (other_precision, other_brier), (others, other_briers) in zip(
        measured[1:], drawn[1:], strict=True
    ):
        figures |= {
            "incumbent_average_precision": other_precision,
            "incumbent_brier_score": other_brier,
            "difference": precision - other_precision,
            "brier_reduction": other_brier - brier,
            **interval("difference", precisions - others),
            **interval("brier_reduction", other_briers - briers),
        }
    return {name: float(value) for name, value in figures.items()}


def resamples(examples: int) -> Iterator[np.ndarray]:
    """Yield how often each example is drawn, replicates × examples in batches; always the same."""
    random = np.random.default_rng(SEED)
    rows = max(1, BATCH_CELLS // examples)
    for start in range(0, REPLICATES, rows):
        yield random.poisson(1.0, size=(min(rows, REPLICATES - start), examples))


def measure(
    labels: np.ndarray, scores: tuple[np.ndarray, np.ndarray], weights: np.ndarray
) -> np.ndarray:
    """Return average precision and Brier score (2 × replicates) under the weights of replicates.

    Average precision is the area under the steps of the precision-recall curve, examples with
    equal log-odds in one step; NaN for a replicate without a scam.
    """
    margin, probability = scores
    order = np.argsort(-margin, kind="stable")
    last_of_step = np.append(np.diff(margin[order]) != 0, True)
    ranked = weights[:, order]
    flagged = np.cumsum(ranked, axis=1)[:, last_of_step]
    found = np.cumsum(ranked * labels[order], axis=1)[:, last_of_step]
    positives = found[:, -1]
    precision = found / np.maximum(flagged, 1)
    area = (precision * np.diff(found, prepend=0, axis=1)).sum(axis=1)
    average_precision = np.where(positives > 0, area / np.maximum(positives, 1), np.nan)
    brier = weights @ (probability - labels) ** 2 / np.maximum(weights.sum(axis=1), 1)
    return np.stack([average_precision, brier])


def interval(name: str, values: np.ndarray) -> dict[str, float]:
    """Return the 2.5 % and 97.5 % quantiles as <name>_low and _high; NaN where nothing is known."""
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [0.025, 0.975]) if known.size else (np.nan, np.nan)
    return {f"{name}_low": low, f"{name}_high": high}
