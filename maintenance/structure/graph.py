"""Measures of dbt's manifest: models, the edges between them, tests."""

from collections import Counter
from pathlib import PurePosixPath

import networkx

# An edge runs up where it leads from a higher layer to a lower one. Marts and Python models read
# each other, so they share a height.
HEIGHTS = {"staging": 0, "intermediate": 1, "marts": 2, "python": 2}

# The load bounds hold one row that says which days to read. They are not a step of the data's way.
NO_STEP = "__load_bounds"


def models(manifest: dict) -> list[dict]:
    """The models, without seeds and tests."""
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def languages(manifest: dict) -> tuple[int, int]:
    """Number of SQL models and of Python models."""
    counts = Counter(model["language"] for model in models(manifest))
    return counts["sql"], counts["python"]


def layer(model: dict) -> str:
    """Folder under models/ of a SQL model; python for a Python model, wherever it lies."""
    if model["language"] == "python":
        return "python"
    return PurePosixPath(model["original_file_path"]).parts[1]


def model_graph(manifest: dict) -> networkx.DiGraph:
    """Edges from each model to the models that read it. Seeds and sources are left out."""
    names = {model["unique_id"]: model["name"] for model in models(manifest)}
    graph = networkx.DiGraph()
    graph.add_nodes_from(names.values())
    graph.add_edges_from(
        (names[parent], model["name"])
        for model in models(manifest)
        for parent in model["depends_on"]["nodes"]
        if parent in names
    )
    return graph


def longest_chain(manifest: dict) -> int:
    """Steps from model to model on the longest way, so one fewer than models on it.

    The models of load bounds are left out, and so are seeds and sources.
    """
    graph = model_graph(manifest)
    steps = graph.subgraph(name for name in graph if not name.endswith(NO_STEP))
    return networkx.dag_longest_path_length(steps)


def edges_up(manifest: dict) -> Counter[tuple[str, str]]:
    """Number of edges that run up a layer, by the layer read and the layer of the reader.

    ("marts", "intermediate"): an intermediate model reads a mart.
    """
    layers = {model["name"]: layer(model) for model in models(manifest)}
    kinds = ((layers[parent], layers[child]) for parent, child in model_graph(manifest).edges)
    return Counter((parent, child) for parent, child in kinds if HEIGHTS[parent] > HEIGHTS[child])


def intermediate_folders(manifest: dict) -> list[tuple[str, str]]:
    """Folder and name of each intermediate model."""
    return [
        (PurePosixPath(model["original_file_path"]).parts[2], model["name"])
        for model in models(manifest)
        if layer(model) == "intermediate"
    ]


def carries_folder(folder: str, name: str) -> bool:
    """Whether a model's name holds its folder's whole name, as it is or in the singular."""
    singular = folder
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if folder.endswith(ending):
            singular = folder.removesuffix(ending) + replacement
            break
    return folder in name or singular in name


def tests_by_kind(manifest: dict) -> tuple[int, int, int]:
    """Number of singular data tests, generic data tests and unit tests."""
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    generic = sum(bool(test.get("test_metadata")) for test in tests)
    return len(tests) - generic, generic, len(manifest.get("unit_tests", {}))
