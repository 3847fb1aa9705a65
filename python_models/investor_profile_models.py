"""Cluster a sample of investors in several ways and return each candidate as one row.

A row holds all numbers that assignment needs. `fit_candidates` works on any table with the three
features.
"""

import hashlib
import importlib.metadata
import json
import platform
import warnings
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import PowerTransformer, StandardScaler
from threadpoolctl import threadpool_limits

RECIPE = "power_transform"
ALGORITHMS = ["kmeans", "gaussian_mixture", "agglomerative"]
CLUSTERS = list(range(2, 11))

SEED = 20150730

# Addresses in the fit, where the var profile_sample_size does not say.
SAMPLE_ROWS = {"quick": 2_000, "full": 10_000}

# Fewer addresses have no profiles worth a name.
LEAST_ROWS = 10

# The bar for selection.
LEAST_CLUSTERS = 3
LEAST_SHARE = 0.02

# A nearly constant feature would ask for a power so large that other values overflow.
LARGEST_POWER = 5.0

COLUMNS = {
    "run_id": "string",
    "recipe": "string",
    "algorithm": "string",
    "clusters": "int64",
    "sample_rows": "int64",
    "silhouette": "float64",
    "reference_silhouette": "float64",
    "smallest_cluster_share": "float64",
    "bic": "float64",
    "parameters": "string",
    "is_selected": "boolean",
    "selection_reason": "string",
    "seed": "int64",
    "training_fingerprint": "string",
    "library_versions": "string",
    "trained_at": "timestamp",
}

CANDIDATE_COLUMNS = list(COLUMNS)[1 : list(COLUMNS).index("seed")]


def model(dbt: Any, session: Any) -> Any:
    """Fit the candidates on the sample, unless this very run is already stored."""
    dbt.config(
        materialized="incremental",
        unique_key=["run_id", "recipe", "algorithm", "clusters"],
        full_refresh=False,
        on_schema_change="append_new_columns",
        submission_method="bigframes",
        tags=["train"],
    )
    search = dbt.config.meta_get("search", "quick")
    sample_rows = sample_size(search, dbt.config.meta_get("profile_sample_size"))
    sample = query(session, sample_query(dbt.ref("int_investor_features"), sample_rows))
    known_runs = set(stored(dbt, session, ["run_id"])["run_id"])
    return to_engine(session, typed(train(sample, sample_rows, known_runs), COLUMNS))


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


# --- shared: profile space ---
FEATURES = ["ether_balance", "unique_tokens", "unique_transfers"]


def feature_matrix(features: pd.DataFrame) -> np.ndarray:
    """Return the three investor features as float64 (rows × 3), NULL as NaN."""
    columns = [features[name].to_numpy(dtype="float64", na_value=np.nan) for name in FEATURES]
    return np.column_stack(columns)


def yeo_johnson(values: np.ndarray, power: float) -> np.ndarray:
    """Return values after the Yeo–Johnson power transform (Yeo and Johnson 2000)."""
    sign = np.where(values < 0, -1.0, 1.0)
    # Below zero the transform is mirrored, with 2 - power in place of power.
    exponents = np.where(values < 0, 2.0 - power, power)
    logs = np.log1p(np.abs(values))
    curved = np.expm1(exponents * logs) / np.where(exponents == 0, 1.0, exponents)
    return sign * np.where(exponents == 0, logs, curved)


def to_space(matrix: np.ndarray, space: dict[str, Any]) -> np.ndarray:
    """Return rows in the space the clusters were fitted in: power transform, z-scores, PCA."""
    transformed = np.column_stack(
        [yeo_johnson(matrix[:, column], power) for column, power in enumerate(space["powers"])]
    )
    standardised = (transformed - np.array(space["means"])) / np.array(space["scales"])
    return standardised @ np.array(space["components"]).T


# --- end shared ---


def sample_size(search: str, configured: int | None) -> int:
    """Return how many addresses to fit on: as configured, else by the search.

    Raises ValueError for a search other than quick or full, or a size below LEAST_ROWS.
    """
    if search not in SAMPLE_ROWS:
        raise ValueError(f"The var search is {search!r}; it must be quick or full.")
    rows = SAMPLE_ROWS[search] if configured is None else int(configured)
    if rows < LEAST_ROWS:
        raise ValueError(f"The var profile_sample_size is {rows}; it must be {LEAST_ROWS} or more.")
    return rows


def sample_query(features: Any, rows: int) -> str:
    """Return the query for the sample: eligible people, drawn by the hash of their address."""
    return (
        f"select address, features_fingerprint, {', '.join(FEATURES)}"
        f" from {subquery(features)} as features"
        " where is_eligible and not coalesce(is_contract, false) and entity_category is null"
        f" order by md5(address) limit {rows}"
    )


def train(sample: pd.DataFrame, sample_rows: int, known_runs: set[str]) -> pd.DataFrame:
    """Return one row per candidate, or none if the run is known or the sample too small."""
    sample = sample.sort_values("address", ignore_index=True)
    training_fingerprint = fingerprint(sample)
    run_id = run_identity(
        training_fingerprint,
        recipe=RECIPE,
        algorithms=ALGORITHMS,
        clusters=CLUSTERS,
        features=FEATURES,
        sample_rows=sample_rows,
        selection=[LEAST_CLUSTERS, LEAST_SHARE],
        seed=SEED,
    )
    if run_id in known_runs:
        print(f"investor_profile_models: nothing changed, run {run_id} is already stored.")
        return pd.DataFrame(columns=list(COLUMNS))
    return fit_candidates(sample, SEED).assign(
        run_id=run_id,
        seed=SEED,
        training_fingerprint=training_fingerprint,
        library_versions=library_versions("numpy", "pandas", "scikit-learn"),
        trained_at=datetime.now(UTC),
    )


def fit_candidates(features: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per algorithm × number of clusters, one of them selected.

    `features` has the columns ether_balance (ETH), unique_tokens and unique_transfers; other
    columns are ignored, and so are rows with NULL or infinite values. The recipe is power
    transform → z-scores → PCA on three components; the clusterings are K-means, a Gaussian
    mixture with full covariances and agglomerative (Ward), with 2 to 10 clusters, as far as the
    rows differ enough for that many. Columns of the result: recipe, algorithm, clusters,
    sample_rows, silhouette (in the fitted space), reference_silhouette (in standardised log1p),
    smallest_cluster_share, bic (mixtures only), parameters (JSON; `assign` needs nothing else),
    is_selected, selection_reason. The same rows in the same order give the same result.

    With fewer than 10 usable rows, or all of them equal, the result is empty and a message says
    so.
    """
    matrix = feature_matrix(features)
    matrix = matrix[np.isfinite(matrix).all(axis=1)]
    if len(matrix) < LEAST_ROWS:
        print(
            f"Investor profiles need {LEAST_ROWS} or more addresses with a balance and token "
            f"counts; here are {len(matrix)}. No profiles are made."
        )
        return pd.DataFrame(columns=CANDIDATE_COLUMNS)
    # Sums over several threads may differ in the last bit.
    with threadpool_limits(1):
        space = fit_space(matrix)
        points, reference = to_space(matrix, space), reference_space(matrix)
        most = min(CLUSTERS[-1], len(np.unique(points.round(9), axis=0)) - 1)
        fitted = [
            fit_candidate(points, reference, space, algorithm, clusters, seed)
            for algorithm in ALGORITHMS
            for clusters in CLUSTERS
            if clusters <= most
        ]
    rows = [row for row in fitted if row is not None]
    if not rows:
        print("All addresses have nearly the same features: no investor profiles are made.")
        return pd.DataFrame(columns=CANDIDATE_COLUMNS)
    return select(pd.DataFrame(rows))[CANDIDATE_COLUMNS]


def select(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the candidates with is_selected and selection_reason.

    The rule: at least three clusters, none under 2 % of the sample; of those the highest
    silhouette in the fitted space, the first one of equals. If none qualifies, the highest of
    all, and the reason says that the bar was missed.
    """
    enough = candidates["clusters"] >= LEAST_CLUSTERS
    large = candidates["smallest_cluster_share"] >= LEAST_SHARE
    qualified = enough & large
    pool = candidates[qualified] if qualified.any() else candidates
    best = pool["silhouette"].idxmax()
    winner = candidates.loc[best]
    bar = f"{LEAST_CLUSTERS} or more clusters, none under {LEAST_SHARE:.0%}"

    reasons = pd.Series(
        f"lower fitted silhouette than {winner['algorithm']} with {winner['clusters']} clusters",
        index=candidates.index,
    )
    reasons[~large] = f"a cluster is under {LEAST_SHARE:.0%} of the sample"
    reasons[~enough] = f"fewer than {LEAST_CLUSTERS} clusters"
    reasons[best] = (
        f"highest fitted silhouette of those with {bar}"
        if qualified.any()
        else f"bar missed (no candidate has {bar}): highest fitted silhouette of all"
    )
    return candidates.assign(is_selected=candidates.index == best, selection_reason=reasons)


def fit_space(matrix: np.ndarray) -> dict[str, list[Any]]:
    """Return the numbers of power transform, z-scores and PCA, as `to_space` reads them.

    A constant feature keeps its values (power 1) and adds nothing after the z-scores.
    """
    powers = [fit_power(column) for column in matrix.T]
    transformed = np.column_stack(
        [yeo_johnson(column, power) for column, power in zip(matrix.T, powers, strict=True)]
    )
    scaler = StandardScaler().fit(transformed)
    return {
        "powers": powers,
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
        "components": principal_components(scaler.transform(transformed)).tolist(),
    }


def principal_components(standardised: np.ndarray) -> np.ndarray:
    """Return the directions of most variance as rows, the largest loading of each positive.

    Unlike scikit-learn's PCA it does not warn when nothing varies.
    """
    directions = np.linalg.svd(standardised, full_matrices=False).Vh
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, np.newaxis], 1)
    return directions * np.sign(largest)


def fit_power(column: np.ndarray) -> float:
    """Return the Yeo–Johnson power that makes a feature most like a normal distribution."""
    if np.ptp(column) == 0:
        return 1.0
    power = PowerTransformer(standardize=False).fit(column[:, np.newaxis]).lambdas_[0]
    return float(np.clip(power, -LARGEST_POWER, LARGEST_POWER))


def reference_space(matrix: np.ndarray) -> np.ndarray:
    """Return rows as z-scores of signed log1p: one space in which all recipes are compared."""
    return StandardScaler().fit_transform(np.sign(matrix) * np.log1p(np.abs(matrix)))


def fit_candidate(
    points: np.ndarray,
    reference: np.ndarray,
    space: dict[str, Any],
    algorithm: str,
    clusters: int,
    seed: int,
) -> dict[str, Any] | None:
    """Return the row of one clustering, or None where it found fewer clusters than asked."""
    bic = np.nan
    # Rows that lie on few distinct points end in fewer clusters; that is looked at below.
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        if algorithm == "gaussian_mixture":
            mixture = GaussianMixture(clusters, max_iter=500, random_state=seed).fit(points)
            labels, bic = mixture.predict(points), float(mixture.bic(points))
            shape = {
                "weights": mixture.weights_.tolist(),
                "means": mixture.means_.tolist(),
                "covariances": mixture.covariances_.tolist(),
            }
        elif algorithm == "kmeans":
            kmeans = KMeans(clusters, n_init=10, random_state=seed).fit(points)
            labels, shape = kmeans.labels_, {"centroids": kmeans.cluster_centers_.tolist()}
        else:
            labels = AgglomerativeClustering(clusters, linkage="ward").fit_predict(points)
            centroids = [points[labels == label].mean(axis=0) for label in range(clusters)]
            shape = {"centroids": np.array(centroids).tolist()}
    sizes = np.bincount(labels, minlength=clusters)
    if sizes.min() == 0:
        return None
    return {
        "recipe": RECIPE,
        "algorithm": algorithm,
        "clusters": clusters,
        "sample_rows": len(points),
        "silhouette": float(silhouette_score(points, labels)),
        "reference_silhouette": float(silhouette_score(reference, labels)),
        "smallest_cluster_share": float(sizes.min() / len(points)),
        "bic": bic,
        "parameters": json.dumps({"features": FEATURES, "space": space, "clusters": shape}),
    }
