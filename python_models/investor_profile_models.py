"""Cluster a sample of investors in many ways and return each candidate as one row.

For your own table of addresses, load this file by its path and call `fit_candidates(features,
seed)`, `assign(model_row, features)` and `name_profiles(features, clusters)`.
docs/investor_profiles.md shows how.
"""

import hashlib
import importlib.metadata
import json
import platform
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import ward
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, pairwise_distances_chunked
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import PowerTransformer
from threadpoolctl import threadpool_limits

# A recipe turns features into the space to cluster in: transform, scaling and the columns it reads
# beside the three. Each ends in a PCA that keeps all components, as the earlier work's did.
RECIPES = {
    "power_transform": {"transform": "power", "scaling": "standard", "more": []},
    "log": {"transform": "log", "scaling": "standard", "more": []},
    "log_activity": {
        "transform": "log",
        "scaling": "standard",
        "more": ["active_days", "incoming_share"],
    },
    "robust_log": {"transform": "log", "scaling": "robust", "more": []},
    "quantile": {"transform": "quantile", "scaling": "standard", "more": []},
}
ALGORITHMS = ["kmeans", "gaussian_mixture", "agglomerative"]
CLUSTERS = list(range(2, 11))

# The earlier work chose this by trial; it is always among the candidates.
EARLIER_WORK = {"recipe": "power_transform", "algorithm": "kmeans", "clusters": 4}

# docs/investor_profiles.md says what each recipe is worth.
SEARCHES = {
    "quick": ["power_transform", "log", "log_activity"],
    "full": list(RECIPES),
}

SEED = 20150730

# Fewer addresses have no profiles worth a name.
LEAST_ROWS = 10

# The bar for selection, and by how much a newcomer must beat the incumbent.
LEAST_CLUSTERS = 3
LEAST_SHARE = 0.02
LEAST_STABILITY = 0.8
INCUMBENT_MARGIN = 0.02

# Other algorithms than K-means vary more from sample to sample, so they must beat it by this.
KMEANS_MARGIN = 0.05

# Stabilities that differ by less count as equal where no candidate meets the bar.
EQUAL_STABILITY = 0.1

# Starts of a K-means fit, of which the best is kept.
KMEANS_STARTS = 10

# Half samples in which the selection is repeated among the candidates this close to the best.
SELECTION_DRAWS = 10
SELECTION_ROWS = 1_000
CONTENDER_MARGIN = 0.1

# Fits on rows whose columns were shuffled apart: what a silhouette is worth without any relation
# between the features.
SHUFFLES = 4
SHUFFLED_ROWS = 500
SHUFFLED_STARTS = 3
NORMAL_QUANTILE = 1.96

# Stability: resamples, and draws in each of them.
RESAMPLES = 20
RESAMPLE_ROWS = 2_000

# A nearly constant feature would ask for a power so large that other values overflow.
LARGEST_POWER = 5.0
QUANTILES = 101

COLUMNS = {
    "run_id": "string",
    "recipe": "string",
    "algorithm": "string",
    "clusters": "int64",
    "sample_rows": "int64",
    "silhouette": "float64",
    "shuffled_silhouette": "float64",
    "silhouette_interval": "float64",
    "reference_silhouette": "float64",
    "smallest_cluster_share": "float64",
    "stability": "float64",
    "selection_share": "float64",
    "stability_state": "string",
    "fit_agreement": "float64",
    "bic": "float64",
    "parameters": "string",
    "is_bar_met": "boolean",
    "is_selected": "boolean",
    "selection_reason": "string",
    "seed": "int64",
    "training_fingerprint": "string",
    "library_versions": "string",
    "sample_points": "string",
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
        # dbt would wait for one hour, and its notebook would go on without it.
        timeout=86400,
        tags=["train"],
    )
    sample = to_pandas(dbt.ref("int_investor_profiles__sample"))
    columns = ["run_id", "recipe", "algorithm", "clusters", "is_selected", "trained_at"]
    earlier = stored(dbt, session, columns)
    rows = train(sample, dbt.config.meta_get("search", "quick"), earlier)
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


def silhouettes(points: np.ndarray, labels: list[np.ndarray]) -> np.ndarray:
    """Return the silhouette of each point (rows) in each clustering (columns).

    Rousseeuw 1987; 0 for a point alone in its cluster. `labels` are clusterings of the points,
    numbered from 0, no number without a point. Distances are taken once for all clusterings, a
    block of rows at a time.
    """
    members = [np.eye(label.max() + 1)[label] for label in labels]
    if not members:
        return np.empty((len(points), 0))
    side_by_side = np.hstack(members)
    blocks = pairwise_distances_chunked(
        points, reduce_func=lambda distances, start: distances @ side_by_side
    )
    totals = np.vstack(list(blocks))
    values, first = [], 0
    for label, member in zip(labels, members, strict=True):
        to_clusters = totals[:, first : first + member.shape[1]]
        first += member.shape[1]
        sizes, rows = member.sum(axis=0), np.arange(len(points))
        inside = to_clusters[rows, label] / np.maximum(sizes[label] - 1, 1)
        means = to_clusters / sizes
        means[rows, label] = np.inf
        outside = means.min(axis=1)
        larger = np.maximum(inside, outside)
        value = np.divide(outside - inside, larger, out=np.zeros_like(larger), where=larger > 0)
        values.append(np.where(sizes[label] > 1, value, 0.0))
    return np.column_stack(values)


def train(
    sample: pd.DataFrame, search: str, earlier: pd.DataFrame, seed: int = SEED
) -> pd.DataFrame:
    """Return one row per candidate, or none if the run is known or the sample too small.

    `earlier` holds the stored candidates with run_id, recipe, algorithm, clusters, is_selected and
    trained_at: the newest selected one is the incumbent. Raises ValueError for a search other than
    quick or full.
    """
    if search not in SEARCHES:
        raise ValueError(f"The var search is {search!r}; it must be quick or full.")
    sample = sample.sort_values("address", ignore_index=True)
    training_fingerprint = fingerprint(sample)
    run_id = run_identity(
        training_fingerprint,
        recipes={name: RECIPES[name] for name in SEARCHES[search]},
        algorithms=ALGORITHMS,
        clusters=CLUSTERS,
        features=FEATURES,
        selection=[LEAST_CLUSTERS, LEAST_SHARE, LEAST_STABILITY, INCUMBENT_MARGIN],
        preference=[KMEANS_MARGIN, EQUAL_STABILITY, CONTENDER_MARGIN],
        draws=[SELECTION_DRAWS, SELECTION_ROWS],
        shuffles=[SHUFFLES, SHUFFLED_ROWS, SHUFFLED_STARTS],
        resamples=[RESAMPLES, RESAMPLE_ROWS],
        seed=seed,
    )
    if run_id in set(earlier["run_id"]):
        in_order = earlier.sort_values(["is_selected", "trained_at", "run_id"])
        newest = in_order["run_id"].iloc[-1]
        if run_id == newest:
            print(f"investor_profile_models: nothing changed, run {run_id} is already stored.")
        else:
            print(
                f"investor_profile_models: data and settings are those of run {run_id} again, which"
                f" is stored. Profiles still come from the newest run, {newest}."
            )
        return pd.DataFrame(columns=list(COLUMNS))
    found = fit_candidates(
        sample,
        seed,
        SEARCHES[search],
        newest_selected(earlier),
        measure_all=search == "full",
    )
    rows = found.to_dict("records")
    return found.assign(
        run_id=run_id,
        seed=seed,
        training_fingerprint=training_fingerprint,
        library_versions=library_versions("numpy", "pandas", "scikit-learn", "scipy"),
        sample_points=[sample_points(row, sample) if row["is_selected"] else None for row in rows],
        trained_at=datetime.now(UTC),
    )


def one_thread() -> threadpool_limits:
    """Return a block in which OpenMP takes one thread, and keep BLAS on one thread from here on.

    Sums over several threads may differ in the last bit. OpenMP counts for each thread of the
    process, BLAS once for all: a block that ends in one thread would give BLAS back its threads
    while a model built beside it still adds up.
    """
    threadpool_limits(1, user_api="blas")
    return threadpool_limits(1, user_api="openmp")


def sample_points(model_row: Mapping[str, Any], sample: pd.DataFrame) -> str:
    """Return where a clustering puts the addresses it was fitted on, as JSON for charts.

    An object of equally long lists: address, cluster, silhouette (in the fitted space),
    first_component and second_component, the last three with five significant digits.
    """
    usable = usable_rows(sample)
    labels = assign(model_row, usable)["cluster"].to_numpy(dtype="int64")
    space = load_parameters(model_row)["space"]
    with one_thread():
        points = to_space(feature_matrix(usable, space["features"]), space)
        own = silhouettes(points, [labels])[:, 0]
    lists = {
        "address": usable["address"].tolist(),
        "cluster": labels.tolist(),
        "silhouette": rounded(own),
        "first_component": rounded(points[:, 0]),
        "second_component": rounded(points[:, 1]),
    }
    return json.dumps(lists, separators=(",", ":"))


def rounded(values: np.ndarray) -> list[float]:
    """Return values with five significant digits, more than a chart can show."""
    return [float(f"{value:.5g}") for value in values]


def newest_selected(earlier: pd.DataFrame) -> dict[str, Any] | None:
    """Return recipe, algorithm and clusters of the newest selected candidate, or None."""
    selected = earlier[earlier["is_selected"].astype("boolean").fillna(False)]
    if selected.empty:
        return None
    newest = selected.sort_values(["trained_at", "run_id"]).iloc[-1]
    return {name: newest[name] for name in EARLIER_WORK}


def fit_candidates(
    features: pd.DataFrame,
    seed: int,
    recipes: list[str] | None = None,
    incumbent: Mapping[str, Any] | None = None,
    *,
    measure_all: bool = False,
) -> pd.DataFrame:
    """Return one row per recipe × algorithm × number of clusters, one of them selected.

    `features` has the columns ether_balance (ETH), unique_tokens and unique_transfers; rows with
    NULL or infinite values there are ignored. `recipes` are names of RECIPES, by default those of
    the quick search; log_activity also needs the columns active_days and incoming_share (0 to 1),
    known for every row, and is left out without them. `incumbent` (recipe, algorithm, clusters) is
    what was selected before; `select` says what that counts. `measure_all` computes the stability
    of every candidate, not only of those the selection asks for.

    The clusterings are K-means, a Gaussian mixture with full covariances and agglomerative (Ward),
    with 2 to 10 clusters, as far as the rows differ enough for that many. The same rows in the
    same order with the same seed give the same result.

    Columns of the result:
    recipe, algorithm, clusters; sample_rows (rows used);
    silhouette: mean silhouette (-1 to 1) in the space the recipe fits in;
    shuffled_silhouette: the mean silhouette that the same recipe, algorithm and number of clusters
    reach on rows whose columns were shuffled apart; NaN where that failed;
    silhouette_interval: half the 95 % interval of the difference between these two;
    reference_silhouette: the silhouette in z-scores of log1p of the three features;
    smallest_cluster_share: 0 to 0.5;
    stability: mean adjusted Rand index between this clustering and refits on 20 bootstrap
    resamples, all assigned to the whole sample; NaN where not computed;
    stability_state: measured, or why it was not computed;
    selection_share: share of ten half samples in which this candidate is the preferred one;
    fit_agreement: share of rows that `assign` puts where the fit had them; below 1 only for
    agglomerative, which assigns by the nearest centroid;
    bic: mixtures only, lower is better; parameters: JSON, all `assign` needs;
    is_bar_met: whether `select` could have taken it (NULL where that was not computed);
    is_selected; selection_reason.

    With fewer than 10 usable rows, or all of them equal, the result is empty and a message says
    so. Raises KeyError for an absent column of the three or an unknown recipe.
    """
    sample = usable_rows(features)
    if len(sample) < LEAST_ROWS:
        print(
            f"Investor profiles need {LEAST_ROWS} or more addresses with a balance and token "
            f"counts; here are {len(sample)}. No profiles are made."
        )
        return pd.DataFrame(columns=CANDIDATE_COLUMNS)
    if len(np.unique(reference_space(feature_matrix(sample, FEATURES)).round(9), axis=0)) < 3:
        print("All addresses have nearly the same features: no investor profiles are made.")
        return pd.DataFrame(columns=CANDIDATE_COLUMNS)
    names = chosen_recipes(sample, recipes, incumbent)
    with one_thread():
        rows = [row for name in names for row in fit_recipe(sample, name, seed)]
        if not rows:
            print("No clustering of these addresses has a point in every cluster: no profiles.")
            return pd.DataFrame(columns=CANDIDATE_COLUMNS)
        candidates = pd.DataFrame(rows)
        candidates["selection_share"] = selection_shares(candidates, sample, seed)
        resamples: dict[str, list[Resample]] = {}

        def measure(index: int, least: float = 0.0) -> float:
            row = candidates.loc[index]
            if row["recipe"] not in resamples:
                resamples[row["recipe"]] = resample(sample, row["recipe"], seed)
            return stability(row, sample, resamples[row["recipe"]], seed, least)

        return select(candidates, measure, incumbent, measure_all=measure_all)[CANDIDATE_COLUMNS]


def name_profiles(features: pd.DataFrame, clusters: pd.Series) -> pd.Series:
    """Return the name of each cluster (index: its number), for people to read.

    `features` has the columns ether_balance (ETH), unique_tokens and unique_transfers; `clusters`
    is the column cluster of what `assign` returned for the same rows. Rows without a cluster do not
    count. If there is a column transactions (events of the address), the names also say which
    clusters are active or dormant. Of clusters with the same name the largest has the plain one,
    the others get a number. Raises KeyError for an absent column of the three.
    """
    columns = FEATURES + [name for name in ["transactions"] if name in features.columns]
    values = pd.DataFrame(feature_matrix(features, columns), columns=columns)
    numbers = clusters.astype("Int64").reset_index(drop=True)
    values, numbers = values[numbers.notna()], numbers[numbers.notna()].astype("int64")
    population, groups = values.median(), values.groupby(numbers)
    stems = {number: rule_name(group.median(), population) for number, group in groups}
    sizes = groups.size()
    names, given = {}, dict.fromkeys(stems.values(), 0)
    for number in sorted(stems, key=lambda each: (-sizes[each], each)):
        stem = stems[number]
        given[stem] += 1
        names[number] = stem if given[stem] == 1 else f"{stem} {given[stem]}"
    return pd.Series(names, dtype="object", name="profile").sort_index()


def rule_name(median: Mapping[str, float], population: Mapping[str, float]) -> str:
    """Return the name of a profile from its medians and those of all profiled addresses.

    The same as int_investor_profiles__rules, which names the profiles of the marts. A test compares
    the two.
    """
    ether, tokens, transfers = (median[name] for name in FEATURES)
    all_ether, all_tokens, all_transfers = (population[name] for name in FEATURES)
    if transfers >= max(20, 3 * tokens, 2 * all_transfers):
        kind = "token trader"
    elif tokens >= max(5, 2 * all_tokens):
        kind = "diversified collector"
    elif tokens > 1:
        kind = "token holder"
    elif tokens == 1:
        kind = "single-token holder"
    elif ether >= 10 * all_ether > 0:
        kind = "whale"
    else:
        kind = "ether holder"

    if kind == "whale":
        size = ""
    elif ether >= 10 * all_ether > 0:
        size = "very rich "
    elif ether >= 2 * all_ether > 0:
        size = "rich "
    elif ether <= all_ether / 10:
        size = "very small "
    elif ether <= all_ether / 2:
        size = "small "
    else:
        size = ""

    activity = ""
    if "transactions" in median:
        if median["transactions"] >= max(10, 2 * population["transactions"]):
            activity = "active "
        elif median["transactions"] <= population["transactions"] / 2:
            activity = "dormant "
    return activity + size + kind


def select(
    candidates: pd.DataFrame,
    measure: Callable[..., float],
    incumbent: Mapping[str, Any] | None = None,
    *,
    measure_all: bool = False,
) -> pd.DataFrame:
    """Return the candidates with stability, is_bar_met, is_selected and selection_reason.

    The rule. The bar: at least three clusters; no cluster under 2 % of the sample; a silhouette in
    the reference space no worse than the earlier work's recipe has; a silhouette above that of
    column-shuffled rows by more than its interval; a stability of 0.8 or more. Of the candidates
    that meet it the one preferred in most half samples is selected, of equals the one with the
    highest silhouette in the reference space, where K-means leads by 0.05. An incumbent that meets
    the bar is kept unless beaten there by 0.02. If none meets the bar, the most stable candidate is
    selected, and the reason says so; `fallback` says among which.

    `measure` returns the stability of the candidate at an index label, or NaN where that is found
    to be below its second argument; `measured_stabilities` says for which candidates it is called.
    """
    shortfall = shortlist(candidates)
    stabilities = measured_stabilities(
        candidates, shortfall, measure, incumbent, measure_all=measure_all
    )
    return decide(candidates, shortfall, stabilities, incumbent)


NOT_ABOVE_SHUFFLED = "silhouette not above that of column-shuffled rows by its interval"


def shortlist(candidates: pd.DataFrame) -> pd.Series:
    """Return why each candidate misses the bar whatever its stability, "" if it does not."""
    earlier = is_candidate(candidates, EARLIER_WORK)
    lowest = candidates.loc[earlier, "reference_silhouette"].min() if earlier.any() else -1.0
    lead = candidates["silhouette"] - candidates["shuffled_silhouette"]
    shortfall = pd.Series("", index=candidates.index)
    shortfall[~(lead > candidates["silhouette_interval"])] = NOT_ABOVE_SHUFFLED
    shortfall[candidates["reference_silhouette"] < lowest] = (
        "reference-space silhouette below that of the earlier work's recipe"
    )
    small = candidates["smallest_cluster_share"] < LEAST_SHARE
    shortfall[small] = f"a cluster is under {LEAST_SHARE:.0%} of the sample"
    shortfall[candidates["clusters"] < LEAST_CLUSTERS] = f"fewer than {LEAST_CLUSTERS} clusters"
    return shortfall


def preference(candidates: pd.DataFrame) -> pd.Series:
    """Return the reference-space silhouettes, those of K-means with their lead."""
    return candidates["reference_silhouette"] + KMEANS_MARGIN * (
        candidates["algorithm"] == "kmeans"
    )


def preferred_order(candidates: pd.DataFrame) -> pd.Index:
    """Return index labels from the most preferred candidate to the least."""
    keys = pd.DataFrame(
        {"share": candidates["selection_share"], "preference": preference(candidates)}
    )
    return keys.sort_values(["share", "preference"], ascending=False, kind="stable").index


def fallback(candidates: pd.DataFrame, shortfall: pd.Series) -> pd.Series:
    """Return which candidates may be selected if none meets the bar.

    Those that miss it only against column-shuffled rows or for their stability, else those with
    three clusters, else all.
    """
    pool = shortfall.isin(["", NOT_ABOVE_SHUFFLED])
    if not pool.any():
        pool = candidates["clusters"] >= LEAST_CLUSTERS
    return pool if pool.any() else pd.Series(data=True, index=candidates.index)


def measured_stabilities(
    candidates: pd.DataFrame,
    shortfall: pd.Series,
    measure: Callable[..., float],
    incumbent: Mapping[str, Any] | None = None,
    *,
    measure_all: bool = False,
) -> pd.Series:
    """Return the stabilities that `decide` needs, NaN for the other candidates.

    Measuring is expensive. It covers the earlier work's recipe, the incumbent and the shortlist
    from the most preferred down to the first stable candidate; all others only with `measure_all`.
    If the shortlist has no stable candidate, it covers the fallback too. It gives a candidate up
    once that cannot count as the most stable, and ends when no further one can be selected.
    """
    always = is_candidate(candidates, EARLIER_WORK) | is_candidate(candidates, incumbent or {})
    known = {index: measure(index) for index in candidates.index[always]}
    order = preferred_order(candidates)
    is_decided = False
    for index in order[shortfall[order] == ""]:
        known[index] = known[index] if index in known else measure(index)
        if known[index] >= LEAST_STABILITY:
            is_decided = True
            break
    if measure_all:
        known |= {index: measure(index) for index in order.difference(list(known), sort=False)}
    elif not is_decided:
        pool = fallback(candidates, shortfall)
        known |= fallback_stabilities(order[pool[order]], known, measure)
    return pd.Series(known, dtype="float64").reindex(candidates.index)


def fallback_stabilities(
    order: pd.Index, known: Mapping[Any, float], measure: Callable[..., float]
) -> dict[Any, float]:
    """Return the stabilities that the choice among candidates needs if none meets the bar.

    `order` has their index labels from the most preferred to the least, `known` what is measured
    already. The first of those that count as the most stable is selected, and none is above 1.
    """
    found = {index: known[index] for index in order if index in known}
    for position, index in enumerate(order):
        least = max([0.0, *found.values()]) - EQUAL_STABILITY
        if index not in found:
            value = measure(index, max(least, 0.0))
            if not np.isnan(value):
                found[index] = value
        highest = max([0.0, *found.values()])
        counting = [each for each in order[: position + 1] if each in found]
        counting = [each for each in counting if found[each] >= highest - EQUAL_STABILITY]
        if counting and found[counting[0]] >= 1.0 - EQUAL_STABILITY:
            break
    return found


def decide(
    candidates: pd.DataFrame,
    shortfall: pd.Series,
    stabilities: pd.Series,
    incumbent: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return what `select` does, from the shortlist and the stabilities that are known."""
    pool = fallback(candidates, shortfall)
    is_unstable = (shortfall == "") & (stabilities < LEAST_STABILITY)
    shortfall = shortfall.mask(is_unstable, f"stability below {LEAST_STABILITY}")
    met = (shortfall == "").astype("boolean").mask((shortfall == "") & stabilities.isna())
    is_met = met.fillna(value=False)
    if not is_met.any():
        measured = pool & stabilities.notna()
        measured = measured if measured.any() else stabilities.notna()
        highest = stabilities[measured].max()
        equals = measured & (stabilities >= highest - EQUAL_STABILITY)
        chosen = preferred_order(candidates[equals])[0]
        missed = (
            "silhouettes like those of column-shuffled rows"
            if (shortfall == NOT_ABOVE_SHUFFLED).any()
            else "no candidate has three clusters, none under 2 %, a reference-space silhouette "
            "like the earlier work's and a stability of 0.8"
        )
        why = f"bar missed: {missed}; the preferred one of the most stable"
        other = "less stable, or less preferred, than the selected one"
    else:
        best = preferred_order(candidates[is_met])[0]
        chosen, why = best, "preferred in most half samples of those that meet the bar"
        other = f"less preferred than {title(candidates.loc[best])}"
        worth = preference(candidates)
        for index in candidates.index[is_candidate(candidates, incumbent or {}) & is_met]:
            if index != best and worth[best] - worth[index] < INCUMBENT_MARGIN:
                chosen = index
                why = f"incumbent kept: none that meets the bar beats it by {INCUMBENT_MARGIN}"
                other = f"does not beat the incumbent by {INCUMBENT_MARGIN}"
    reasons = shortfall.where(shortfall != "", other)
    reasons[chosen] = why
    return candidates.assign(
        stability=stabilities,
        stability_state=("not computed: " + reasons).where(stabilities.isna(), "measured"),
        is_bar_met=met,
        is_selected=candidates.index == chosen,
        selection_reason=reasons,
    )


def selection_shares(candidates: pd.DataFrame, sample: pd.DataFrame, seed: int) -> np.ndarray:
    """Return in which share of half samples each candidate is the preferred one.

    The contenders are refitted on ten halves, each of at most 1,000 rows: those of the fallback
    whose preference is within 0.1 of the highest. In each half the most preferred of them wins
    that has no cluster under 2 %. The shares add up to less than 1 if some half has none.
    """
    contenders = candidates[fallback(candidates, shortlist(candidates))]
    worth = preference(contenders)
    contenders = contenders[worth >= worth.max() - CONTENDER_MARGIN]
    wins = pd.Series(0.0, index=candidates.index)
    rows = min(len(sample) // 2, SELECTION_ROWS)
    for number in range(SELECTION_DRAWS):
        random = np.random.default_rng([seed, 1, number])
        drawn = sample.iloc[np.sort(random.choice(len(sample), rows, replace=False))]
        reference = reference_space(feature_matrix(drawn, FEATURES))
        found: dict[Any, np.ndarray] = {}
        for (recipe, algorithm), group in contenders.groupby(["recipe", "algorithm"], sort=False):
            space = fit_space(drawn, recipe)
            points = to_space(feature_matrix(drawn, space["features"]), space)
            most = len(np.unique(points.round(9), axis=0)) - 1
            wanted = {int(row.clusters): row.Index for row in group.itertuples()}
            sizes = [clusters for clusters in wanted if clusters <= most]
            for clusters, shape, _, _ in fit_clusters(points, algorithm, sizes, seed):
                labels = closeness(points, algorithm, shape).argmax(axis=1)
                if np.bincount(labels, minlength=clusters).min() >= LEAST_SHARE * rows:
                    found[wanted[clusters]] = labels
        if found:
            means = silhouettes(reference, list(found.values())).mean(axis=0)
            drawn_worth = preference(contenders.loc[list(found)].assign(reference_silhouette=means))
            wins[drawn_worth.idxmax()] += 1
    return (wins / SELECTION_DRAWS).to_numpy()


def is_candidate(candidates: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.Series:
    """Return which candidates have this recipe, algorithm and number of clusters."""
    if not wanted:
        return pd.Series(data=False, index=candidates.index)
    return (candidates[list(EARLIER_WORK)] == pd.Series(dict(wanted))[list(EARLIER_WORK)]).all(
        axis=1
    )


def title(row: Mapping[str, Any]) -> str:
    """Return a candidate in words."""
    return f"{row['algorithm']} with {row['clusters']} clusters on {row['recipe']}"


def usable_rows(features: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose three features are known and finite."""
    return features[np.isfinite(feature_matrix(features, FEATURES)).all(axis=1)]


def chosen_recipes(
    sample: pd.DataFrame, recipes: list[str] | None, incumbent: Mapping[str, Any] | None
) -> list[str]:
    """Return the recipes to try: those asked for, the earlier work's and the incumbent's.

    A recipe whose further columns are absent, or not known for every row, is left out.
    """
    asked = set(SEARCHES["quick"] if recipes is None else recipes)
    for name in asked - set(RECIPES):
        raise KeyError(f"There is no recipe {name!r}; there are {list(RECIPES)}.")
    asked |= {EARLIER_WORK["recipe"]} | {(incumbent or EARLIER_WORK)["recipe"]}
    chosen = []
    for name, recipe in RECIPES.items():
        columns = FEATURES + recipe["more"]
        if name in asked and set(columns) <= set(sample.columns):
            if np.isfinite(feature_matrix(sample, columns)).all():
                chosen.append(name)
            else:
                print(f"Recipe {name} is left out: {recipe['more']} are not known for every row.")
    return chosen


def fit_recipe(sample: pd.DataFrame, recipe: str, seed: int) -> list[dict[str, Any]]:
    """Return the candidates of one recipe, all algorithms and numbers of clusters."""
    space = fit_space(sample, recipe)
    points = to_space(feature_matrix(sample, space["features"]), space)
    most = min(CLUSTERS[-1], len(np.unique(points.round(9), axis=0)) - 1)
    wanted = [clusters for clusters in CLUSTERS if clusters <= most]
    rows, labels = [], []
    for algorithm in ALGORITHMS:
        for clusters, shape, fitted, bic in fit_clusters(points, algorithm, wanted, seed):
            assigned = closeness(points, algorithm, shape).argmax(axis=1)
            sizes = np.bincount(assigned, minlength=clusters)
            # Rows on few distinct points can end in fewer clusters than asked for.
            if sizes.min() == 0:
                continue
            parameters = {"space": space, "clusters": shape}
            labels.append(assigned)
            rows.append(
                {
                    "recipe": recipe,
                    "algorithm": algorithm,
                    "clusters": clusters,
                    "sample_rows": len(points),
                    "smallest_cluster_share": float(sizes.min() / len(points)),
                    "fit_agreement": float(np.mean(assigned == fitted)),
                    "bic": bic,
                    "parameters": json.dumps(parameters | {"sha256": digest(parameters)}),
                }
            )
    reference = reference_space(feature_matrix(sample, FEATURES))
    fitted = silhouettes(points, labels)
    reference_means = silhouettes(reference, labels).mean(axis=0)
    if sample[FEATURES + RECIPES[recipe]["more"]].nunique().gt(1).sum() > 1:
        shuffled = shuffled_silhouettes(sample, recipe, wanted, seed)
    else:
        # Shuffling one column by itself gives the same rows in another order.
        keys = [(row["algorithm"], row["clusters"]) for row in rows]
        shuffled = {key: [values.mean()] for key, values in zip(keys, fitted.T, strict=True)}
    for row, values, reference_mean in zip(rows, fitted.T, reference_means, strict=True):
        without = np.array(shuffled.get((row["algorithm"], row["clusters"]), [np.nan]))
        variance = values.var() / len(values) + (without.var(ddof=1) if len(without) > 1 else 0.0)
        row |= {
            "silhouette": values.mean(),
            "shuffled_silhouette": without.mean(),
            "silhouette_interval": NORMAL_QUANTILE * float(np.sqrt(variance)),
            "reference_silhouette": reference_mean,
        }
    return rows


def shuffled_silhouettes(
    sample: pd.DataFrame, recipe: str, wanted: list[int], seed: int
) -> dict[tuple[str, int], list[float]]:
    """Return the silhouettes of a recipe on column-shuffled rows, by algorithm and clusters.

    Each of four times at most 500 rows are drawn and every column is shuffled by itself. That
    keeps what each feature is alone and undoes how features go together.
    """
    names = FEATURES + RECIPES[recipe]["more"]
    found: dict[tuple[str, int], list[float]] = {}
    for number in range(SHUFFLES):
        random = np.random.default_rng([seed, 2, number])
        drawn = random.choice(len(sample), min(len(sample), SHUFFLED_ROWS), replace=False)
        shuffled = pd.DataFrame(
            {name: random.permutation(sample[name].to_numpy()[drawn]) for name in names}
        )
        space = fit_space(shuffled, recipe)
        points = to_space(feature_matrix(shuffled, space["features"]), space)
        most = len(np.unique(points.round(9), axis=0)) - 1
        keys, labels = [], []
        for algorithm in ALGORITHMS:
            sizes = [clusters for clusters in wanted if clusters <= most]
            for clusters, shape, _, _ in fit_clusters(
                points, algorithm, sizes, seed, SHUFFLED_STARTS
            ):
                assigned = closeness(points, algorithm, shape).argmax(axis=1)
                if np.bincount(assigned, minlength=clusters).min() > 0:
                    keys.append((algorithm, clusters))
                    labels.append(assigned)
        for key, mean in zip(keys, silhouettes(points, labels).mean(axis=0), strict=True):
            found.setdefault(key, []).append(float(mean))
    return found


def fit_space(sample: pd.DataFrame, recipe: str) -> dict[str, Any]:
    """Return the numbers of a recipe's space, as `to_space` reads them.

    A constant feature adds nothing. Where the middle half of a feature is one value, robust
    scaling falls back to the standard deviation.
    """
    names = FEATURES + RECIPES[recipe]["more"]
    matrix = feature_matrix(sample, names)
    transforms = [fit_transform(column, RECIPES[recipe]["transform"]) for column in matrix.T]
    curved = np.column_stack(
        [curve(column, step) for column, step in zip(matrix.T, transforms, strict=True)]
    )
    centres, scales = curved.mean(axis=0), curved.std(axis=0)
    if RECIPES[recipe]["scaling"] == "robust":
        quarter, centres, three_quarters = np.percentile(curved, [25, 50, 75], axis=0)
        scales = np.where(three_quarters > quarter, three_quarters - quarter, scales)
    # What is left of a constant after rounding is not a spread.
    scales = np.where(scales > 1e-12 * (1.0 + np.abs(centres)), scales, 1.0)
    scaled = (curved - centres) / scales
    return {
        "features": names,
        "transforms": transforms,
        "centres": centres.tolist(),
        "scales": scales.tolist(),
        "components": principal_components(scaled - scaled.mean(axis=0)).tolist(),
    }


def fit_transform(column: np.ndarray, kind: str) -> dict[str, Any]:
    """Return the first step of a recipe for one feature, as `curve` reads it."""
    if kind == "power":
        return {"kind": "power", "power": fit_power(column)}
    if kind == "quantile":
        knots = np.quantile(column, np.linspace(0.0, 1.0, QUANTILES))
        return {"kind": "quantile", "knots": np.maximum.accumulate(knots).tolist()}
    return {"kind": kind}


def fit_power(column: np.ndarray) -> float:
    """Return the Yeo–Johnson power that makes a feature most like a normal distribution."""
    if np.ptp(column) == 0:
        return 1.0
    power = PowerTransformer(standardize=False).fit(column[:, np.newaxis]).lambdas_[0]
    return float(np.clip(power, -LARGEST_POWER, LARGEST_POWER))


def principal_components(centred: np.ndarray) -> np.ndarray:
    """Return the directions of most variance as rows, the largest loading of each positive.

    Unlike scikit-learn's PCA it does not warn when nothing varies.
    """
    directions = np.linalg.svd(centred, full_matrices=False).Vh
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, np.newaxis], 1)
    return directions * np.sign(largest)


def reference_space(matrix: np.ndarray) -> np.ndarray:
    """Return rows as z-scores of signed log1p: one space in which all recipes are compared."""
    logs = signed_log(matrix)
    spread = logs.std(axis=0)
    return (logs - logs.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)


def fit_clusters(
    points: np.ndarray, algorithm: str, wanted: list[int], seed: int, starts: int = KMEANS_STARTS
) -> list[tuple[int, dict[str, Any], np.ndarray, float]]:
    """Return clusters, their numbers, labels of the fit and BIC, for each number wanted.

    K-means keeps the best of as many `starts`.
    """
    cuts = ward_cuts(points, wanted) if algorithm == "agglomerative" and wanted else {}
    found = []
    for clusters in wanted:
        bic = np.nan
        # Points that coincide end in fewer clusters; the caller looks at the sizes.
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
                kmeans = KMeans(clusters, n_init=starts, random_state=seed).fit(points)
                labels, shape = kmeans.labels_, {"centroids": kmeans.cluster_centers_.tolist()}
            else:
                labels = cuts[clusters]
                centroids = [points[labels == label].mean(axis=0) for label in range(clusters)]
                shape = {"centroids": np.array(centroids).tolist()}
        found.append((clusters, shape, labels, bic))
    return found


def ward_cuts(points: np.ndarray, wanted: list[int]) -> dict[int, np.ndarray]:
    """Return the cluster of each point by Ward's method, for each number of clusters wanted.

    One tree serves all numbers: its first merges, all but one less than that number, connect the
    points of a cluster. SciPy's `cut_tree` cuts alike and takes most of the time of a whole search.
    """
    merged = ward(points)[:, :2].astype("int64")
    nodes = len(points) + len(merged)
    cuts = {}
    for clusters in wanted:
        kept = merged[: len(points) - clusters]
        parents = np.repeat(np.arange(len(points), len(points) + len(kept)), 2)
        links = coo_array((np.ones(kept.size), (kept.ravel(), parents)), shape=(nodes, nodes))
        cuts[clusters] = connected_components(links, directed=False)[1][: len(points)]
    return cuts


# The rows drawn, and the whole sample in the space fitted to them.
Resample = tuple[np.ndarray, np.ndarray]


def resample(sample: pd.DataFrame, recipe: str, seed: int) -> list[Resample]:
    """Return the bootstrap resamples of one recipe, which all its clusterings share."""
    made = []
    for number in range(RESAMPLES):
        random = np.random.default_rng([seed, number])
        drawn = random.integers(0, len(sample), min(len(sample), RESAMPLE_ROWS))
        space = fit_space(sample.iloc[drawn], recipe)
        made.append((drawn, to_space(feature_matrix(sample, space["features"]), space)))
    return made


def stability(
    row: Mapping[str, Any],
    sample: pd.DataFrame,
    resamples: list[Resample],
    seed: int,
    least: float = 0.0,
) -> float:
    """Return the mean adjusted Rand index of a candidate with its refits on resamples.

    Transform, scaling and clusters are fitted again on each resample. Both clusterings are then
    compared on the whole sample (Hubert and Arabie 1985). A resample that falls into fewer
    clusters than asked for, or repeats too few points for them, counts as 0. NaN once the mean
    cannot reach `least`.
    """
    algorithm, clusters = row["algorithm"], int(row["clusters"])
    own = assign(row, sample)["cluster"].to_numpy(dtype="int64")
    agreements = []
    for drawn, points in resamples:
        still_to_come = len(resamples) - len(agreements)
        if sum(agreements) + still_to_come < least * len(resamples):
            return np.nan
        if len(np.unique(points[drawn].round(9), axis=0)) < clusters:
            agreements.append(0.0)
            continue
        ((_, shape, _, _),) = fit_clusters(points[drawn], algorithm, [clusters], seed)
        again = closeness(points, algorithm, shape).argmax(axis=1)
        agreements.append(adjusted_rand_score(own, again))
    return float(np.mean(agreements))
