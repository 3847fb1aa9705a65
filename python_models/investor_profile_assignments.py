"""Give each eligible address with changed features its cluster in the newest selected model."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

BATCH_ROWS = 50_000

COLUMNS = {
    "run_id": "string",
    "address": "string",
    "features_fingerprint": "string",
    "cluster": "int64",
    "second_cluster": "int64",
    "confidence": "float64",
    "assigned_at": "timestamp",
}


def model(dbt: Any, session: Any) -> Any:
    """Assign what changed since the newest selected model last saw it."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id", "address"],
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        # dbt would wait for one hour, and its notebook would go on without it.
        timeout=86400,
    )
    models = subquery(dbt.ref("investor_profile_models"))
    columns = "run_id, algorithm, clusters, parameters, trained_at"
    selected = newest(query(session, f"select {columns} from {models} as m where is_selected"))
    if selected is None:
        print("investor_profile_assignments: no profile model yet: dbt build --select tag:train+")
        return to_engine(session, typed([], COLUMNS))
    limit = int(dbt.config.meta_get("max_scored_addresses", 1000000))
    eligible = eligible_query(dbt.ref("int_investor_profiles__features"), selected)
    order_by = "md5(inputs.address), inputs.address"
    changed = query(session, changed_rows(dbt, eligible, selected["run_id"], order_by, limit))
    return to_engine(session, assign_batches(changed, selected, datetime.now(UTC)))


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

# --- shared: profile space ---
FEATURES = ["ether_balance", "unique_tokens", "unique_transfers"]


def feature_matrix(features: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Return the named features as float64 (rows × features), NULL as NaN."""
    columns = [features[name].to_numpy(dtype="float64", na_value=np.nan) for name in names]
    return np.column_stack(columns)


def yeo_johnson(values: np.ndarray, power: float) -> np.ndarray:
    """Return values after the Yeo–Johnson power transform (Yeo and Johnson 2000)."""
    sign = np.where(values < 0, -1.0, 1.0)
    # Below zero the transform is mirrored, with 2 - power in place of power.
    exponents = np.where(values < 0, 2.0 - power, power)
    logs = np.log1p(np.abs(values))
    curved = np.expm1(exponents * logs) / np.where(exponents == 0, 1.0, exponents)
    return sign * np.where(exponents == 0, logs, curved)


def signed_log(values: np.ndarray) -> np.ndarray:
    """Return log1p of the size of values, with their sign."""
    return np.sign(values) * np.log1p(np.abs(values))


def quantile_rank(values: np.ndarray, knots: list[float]) -> np.ndarray:
    """Return ranks between evenly spaced quantiles: 0 at the least, 1 at the largest one.

    Ties between them get the middle of their ranks, as in scikit-learn.
    """
    quantiles, ranks = np.array(knots), np.linspace(0.0, 1.0, len(knots))
    low = -np.interp(-values, -quantiles[::-1], -ranks[::-1])
    middle = (np.interp(values, quantiles, ranks) + low) / 2.0
    return np.where(values <= knots[0], 0.0, np.where(values >= knots[-1], 1.0, middle))


def curve(values: np.ndarray, step: Mapping[str, Any]) -> np.ndarray:
    """Return one feature after the first step of a recipe."""
    if step["kind"] == "power":
        return yeo_johnson(values, step["power"])
    if step["kind"] == "quantile":
        return quantile_rank(values, step["knots"])
    if step["kind"] == "log":
        return signed_log(values)
    raise ValueError(f"its transform {step['kind']!r} is unknown")


def to_space(matrix: np.ndarray, space: Mapping[str, Any]) -> np.ndarray:
    """Return rows in the space the clusters were fitted in: transform, centre and scale, PCA.

    The first two columns are the principal components that a picture shows.
    """
    curved = [curve(matrix[:, column], step) for column, step in enumerate(space["transforms"])]
    scaled = (np.column_stack(curved) - np.array(space["centres"])) / np.array(space["scales"])
    return scaled @ np.array(space["components"]).T


def closeness(points: np.ndarray, algorithm: str, clusters: Mapping[str, Any]) -> np.ndarray:
    """Return how close each point (rows) is to each cluster (columns).

    For a mixture the posterior probability, by Bayes' rule with multivariate normal densities in
    logarithms; else the negative Euclidean distance to the centroid.
    """
    if algorithm != "gaussian_mixture":
        return -np.column_stack(
            [
                np.sqrt(((points - np.array(centroid)) ** 2).sum(axis=1))
                for centroid in clusters["centroids"]
            ]
        )
    logs = []
    for weight, mean, covariance in zip(
        clusters["weights"], clusters["means"], clusters["covariances"], strict=True
    ):
        factor = np.linalg.cholesky(np.array(covariance))
        scaled = np.linalg.solve(factor, (points - np.array(mean)).T)
        log_density = -0.5 * (scaled**2).sum(axis=0) - np.log(np.diag(factor)).sum()
        logs.append(np.log(weight) + log_density)
    stacked = np.column_stack(logs)
    relative = np.exp(stacked - stacked.max(axis=1, keepdims=True))
    return relative / relative.sum(axis=1, keepdims=True)


def assign(model_row: Mapping[str, Any], features: pd.DataFrame) -> pd.DataFrame:
    """Return cluster, second_cluster and confidence (0 to 1) of each row of features.

    `model_row` is a row of `investor_profile_models` or of `fit_candidates`; `features` has the
    columns its recipe reads, at least ether_balance (ETH), unique_tokens and unique_transfers.
    The result keeps the index. Each row is assigned from its own features alone. Confidence is
    the posterior for a mixture, else 1 - distance to the nearest centroid / distance to the
    second. Rows with NULL or infinite features get NULL. Raises ValueError for a damaged model
    row, KeyError for an absent column.
    """
    parameters = load_parameters(model_row)
    matrix = feature_matrix(features, parameters["space"]["features"])
    usable = np.isfinite(matrix).all(axis=1)
    points = to_space(matrix[usable], parameters["space"])
    close = closeness(points, model_row["algorithm"], parameters["clusters"])
    ranked = np.argsort(-close, axis=1, kind="stable")[:, :2]
    first, second = np.take_along_axis(close, ranked, axis=1).T
    if model_row["algorithm"] == "gaussian_mixture":
        confidence = first
    else:
        # Both distances are 0 only where two centroids are the same point.
        confidence = 1.0 - np.divide(first, second, out=np.ones_like(first), where=second < 0)

    result = pd.DataFrame(index=features.index)
    result["cluster"] = pd.array([pd.NA] * len(result), dtype="Int64")
    result["second_cluster"] = result["cluster"]
    result["confidence"] = np.nan
    result.loc[usable, "cluster"] = ranked[:, 0]
    result.loc[usable, "second_cluster"] = ranked[:, 1]
    result.loc[usable, "confidence"] = confidence
    return result


def digest(parameters: dict[str, Any]) -> str:
    """Return the SHA-256 (hex) of parameters as JSON text, which keeps every digit."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def load_parameters(model_row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a model row; ValueError with what to do if they are damaged."""
    try:
        parameters = json.loads(model_row["parameters"])
        if parameters.pop("sha256") != digest(parameters):
            raise ValueError("its numbers are not those that were stored")
        mixture = model_row["algorithm"] == "gaussian_mixture"
        if len(parameters["clusters"]["means" if mixture else "centroids"]) != int(
            model_row["clusters"]
        ):
            raise ValueError(f"it has not {model_row['clusters']} clusters")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The stored profile model {model_row.get('run_id', '')} "
            f"{model_row.get('algorithm')} with {model_row.get('clusters')} clusters "
            f"(investor_profile_models) cannot be read: {error}. Delete the rows of this run and "
            "fit again: dbt build --select tag:train+"
        ) from error
    return parameters


# --- end shared ---


def newest(selected: pd.DataFrame) -> dict[str, Any] | None:
    """Return the selected row of the run trained last, or None."""
    if selected.empty:
        return None
    return selected.sort_values(["trained_at", "run_id"]).iloc[-1].to_dict()


def eligible_query(features: Any, row: Mapping[str, Any]) -> str:
    """Return the query, in brackets, for eligible addresses with only what the model row reads."""
    names = load_parameters(row)["space"]["features"]
    columns = ", ".join(["address", "features_fingerprint", *names])
    return f"(select {columns} from {subquery(features)} as f where read_group = 1)"


def assign_batches(
    addresses: pd.DataFrame, row: Mapping[str, Any], assigned_at: datetime
) -> pd.DataFrame:
    """Return one row per address with usable features, sorted; the others get no profile."""
    addresses = addresses.sort_values("address", ignore_index=True)
    assigned = [typed([], COLUMNS)]
    for start in range(0, len(addresses), BATCH_ROWS):
        batch = addresses.iloc[start : start + BATCH_ROWS]
        clusters = assign(row, batch).assign(
            run_id=row["run_id"],
            address=batch["address"],
            features_fingerprint=batch["features_fingerprint"],
            assigned_at=assigned_at,
        )
        assigned.append(typed(clusters[clusters["cluster"].notna()], COLUMNS))
    return pd.concat(assigned, ignore_index=True)
