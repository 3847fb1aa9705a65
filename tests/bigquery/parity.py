"""Two tables that should hold the same rows, compared by grain key, column by column."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode

# Relative: sums of doubles depend on the order of their terms. Everything else is exact.
FLOAT_TOLERANCE = 1e-9

# When a fit or score was made, or a change was seen. After one build nothing else tells rows apart.
CLOCK_COLUMNS = {
    *("trained_at", "assigned_at", "scored_at", "explained_at"),
    *("changed_at", "opened_at", "closed_at"),
}

# The engines hash wide rows differently.
ENGINE_COLUMNS = {"features_fingerprint"}


@dataclass(frozen=True)
class Mart:
    """A table people read, and the columns that tell its rows apart."""

    name: str
    key: list[str]


@dataclass(frozen=True)
class Comparison:
    """How alike two tables are."""

    name: str
    rows: int
    columns: int
    """Columns compared, the key included."""
    largest_difference: float
    """Relative, over all floats."""
    largest_in: str
    """The column of the largest difference, empty if there is none."""
    problems: list[str]


def marts(manifest: Manifest) -> list[Mart]:
    """Models in schema marts, by name, with their key (see `key`)."""
    models = {
        node.unique_id: node
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.schema.endswith("marts")
    }
    keys: dict[str, list[str]] = {}
    for node in manifest.nodes.values():
        if isinstance(node, GenericTestNode):
            test = node.test_metadata
            if test.name == "unique_combination":
                keys[node.attached_node] = list(test.kwargs["columns"])
            elif test.name == "unique":
                keys.setdefault(node.attached_node, [node.column_name])
    return sorted(
        (
            Mart(model.name, [c for c in key(model, keys) if c not in CLOCK_COLUMNS])
            for model in models.values()
        ),
        key=lambda mart: mart.name,
    )


def key(model: ModelNode, keys: Mapping[str, list[str]]) -> list[str]:
    """Key that the tests of a model declare, or those of the only model it selects from."""
    if model.unique_id in keys:
        return keys[model.unique_id]
    (parent,) = model.depends_on.nodes
    return keys[parent]


def compare(mart: Mart, one: pa.Table, other: pa.Table) -> Comparison:
    """Compare the rows of two tables; what differs is in the problems, in words."""
    problems, largest = [], (0.0, "")
    if one.schema.names != other.schema.names:
        problems.append(f"columns {one.schema.names} and {other.schema.names}")
    columns = [name for name in one.schema.names if name in other.schema.names]
    columns = [name for name in columns if name not in CLOCK_COLUMNS | ENGINE_COLUMNS]
    kinds = {
        name: (kind(one.schema.field(name)), kind(other.schema.field(name))) for name in columns
    }
    problems += [f"{name} is {a} and {b}" for name, (a, b) in kinds.items() if a != b]
    # A float in a key may differ in its last bits: it only orders rows of equal other keys.
    exact = [name for name in mart.key if kinds[name] != ("float", "float")]
    ordered = exact + [name for name in mart.key if name not in exact]
    left, right = frame(one.select(columns), ordered), frame(other.select(columns), ordered)
    unmatched = rows_without_match(left, right, exact)
    if unmatched:
        problems.append(f"{len(unmatched)} keys on one side only, for example {unmatched[:3]}")
    else:
        for name in columns:
            differs, difference = different(left[name], right[name], kinds[name] == ("float",) * 2)
            if difference > largest[0]:
                largest = (difference, name)
            if differs.any():
                row = left.loc[differs, [*mart.key]].iloc[0].tolist()
                problems.append(
                    f"{name}: {differs.sum()} of {len(left)} rows, largest relative difference "
                    f"{difference:.1e}, for example {left.loc[differs, name].iloc[0]!r} and "
                    f"{right.loc[differs, name].iloc[0]!r} where {mart.key} is {row}"
                )
    return Comparison(mart.name, len(left), len(columns), *largest, problems)


def kind(field: pa.Field) -> str:
    """What a column holds, in the words both engines share."""
    if pa.types.is_integer(field.type):
        return "integer"
    if pa.types.is_floating(field.type):
        return "float"
    if pa.types.is_timestamp(field.type):
        return "timestamp"
    return str(field.type).removeprefix("large_")


def frame(table: pa.Table, ordered_by: Sequence[str]) -> pd.DataFrame:
    """Return the rows in order; timestamps as microseconds since 1970, NULL apart from NaN."""
    columns = {
        name: column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
        if pa.types.is_timestamp(column.type)
        else column
        for name, column in zip(table.schema.names, table.columns, strict=True)
    }
    rows = pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)
    return rows.sort_values(list(ordered_by), ignore_index=True)


def rows_without_match(
    left: pd.DataFrame, right: pd.DataFrame, key: Sequence[str]
) -> list[tuple[object, ...]]:
    """Keys that do not occur equally often on both sides."""
    one, other = (Counter(rows[list(key)].itertuples(index=False)) for rows in (left, right))
    return [tuple(row) for row in one.keys() | other.keys() if one[row] != other[row]]


def different(one: pd.Series, other: pd.Series, is_float: bool) -> tuple[np.ndarray, float]:
    """Return which rows differ, and the largest relative difference of floats."""
    no_one, no_other = one.isna().to_numpy(bool), other.isna().to_numpy(bool)
    differs = no_one != no_other
    known = ~no_one & ~no_other
    if not is_float:
        differs[known] = one[known].to_numpy() != other[known].to_numpy()
        return differs, 0.0
    a, b = one[known].to_numpy("float64"), other[known].to_numpy("float64")
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        relative = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    relative = np.where(same, 0.0, np.nan_to_num(relative, nan=np.inf))
    differs[known] = relative > FLOAT_TOLERANCE
    return differs, float(relative.max(initial=0.0))


def as_table(comparisons: Iterable[Comparison]) -> list[str]:
    """Return the lines of a table: marts, rows, columns compared, largest difference."""
    lines = [f"{'mart':30} {'rows':>7} {'columns':>7}  largest difference (relative, in a float)"]
    for each in comparisons:
        largest = (
            f"{each.largest_difference:.1e} in {each.largest_in}" if each.largest_in else "none"
        )
        lines.append(f"{each.name:30} {each.rows:7,} {each.columns:7}  {largest}")
        lines += [f"    DIFFERS: {problem}" for problem in each.problems]
    return lines
