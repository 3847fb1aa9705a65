"""Which models score one address on request, and their compiled SQL.

The look-up computes an address with the same SQL that built the marts. So the copy holds the text
of each of these models, in order, and the tables they read that are about the whole population.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What is asked for in the end: a score, its reasons, a profile.
TARGETS = (
    "int_scam_serving__inputs",
    "int_scam_serving__scores",
    "int_scam_serving__reasons",
    "investor_profiles",
)

# Where what an address did comes in.
STARTS = (
    "int_events__transaction_events",
    "int_events__token_transfers",
    "stg_chain__balances",
)

# Depends on what all addresses did, so one more address does not change it.
OF_THE_POPULATION = (
    "int_addresses__keys",
    "int_events__token_transfer_counts",
    "int_events__token_transfer_days",
    "int_events__token_transfer_times",
    "int_events__transaction_days",
    "int_features__backtest_population",
    "int_features__cutoffs",
    "int_features__lookalikes",
    "int_features__window_degrees",
    "int_features__window_extents",
    "int_features__windows",
    "int_investor_profiles__comparisons",
    "int_investor_profiles__matches",
    "int_investor_profiles__members",
    "int_investor_profiles__names",
    "int_investor_profiles__rules",
    "int_scam_serving__champion",
    # The head of the queue. On request every address with a score is explained.
    "int_scam_serving__explanation_inputs",
    "investor_profile_summaries",
)

# What a model reads in place of a step, if both are selected: rows of the addresses that there were
# when a model was last trained. The look-up has to compute them for the address.
STORED_STEPS = ("int_scam_training__stored_proximities",)

# What Python computes between two steps of SQL.
PYTHON = ("scam_raw_scores", "scam_explanations", "investor_profile_assignments")


@dataclass(frozen=True)
class Node:
    """A model as dbt compiled it."""

    name: str
    relation: str
    sql: str
    parents: tuple[str, ...]
    is_python: bool
    is_of_training: bool


@dataclass(frozen=True)
class Recipe:
    """Models to compute on request, in order, and the tables they read beside."""

    computed: tuple[Node, ...]
    taken: tuple[Node, ...]
    # What Python returns for the address, between two steps of SQL.
    scored: tuple[Node, ...]


def nodes(compiled: Iterable[Any]) -> dict[str, Node]:
    """Return the nodes of dbt's compiled models by name."""
    return {
        node.name: Node(
            name=node.name,
            relation=node.relation_name,
            sql=getattr(node, "compiled_code", None) or "",
            # Seeds depend on macros only.
            parents=tuple(
                parent.split(".")[-1] for parent in getattr(node.depends_on, "nodes", [])
            ),
            is_python=getattr(node, "language", "") == "python",
            is_of_training="train" in node.config.tags,
        )
        for node in compiled
        if node.resource_type in ("model", "seed")
    }


def recipe(models: Mapping[str, Node]) -> Recipe:
    """Return what one address needs, from all models that its answer depends on.

    Computed is every model between a start and a target that is neither Python, nor of training,
    nor about the whole population.
    """
    needed = _ancestors(models)
    computed: list[Node] = []
    names = set(STARTS)
    for node in _in_order(models, needed):
        is_own = node.name not in OF_THE_POPULATION and not (node.is_python or node.is_of_training)
        if node.name in names:
            continue
        if is_own and names.intersection(node.parents):
            names.add(node.name)
            computed.append(node)
        elif node.name in PYTHON:
            names.add(node.name)
    parents = {parent for node in computed for parent in node.parents} | set(STARTS)
    scored = [models[name] for name in PYTHON if name in parents]
    computed_names = {node.name for node in computed}
    taken = [
        models[name]
        for name in sorted(parents - computed_names - {node.name for node in scored})
        if name in models
    ]
    return Recipe(tuple(computed), tuple(taken), tuple(scored))


def _ancestors(models: Mapping[str, Node]) -> set[str]:
    found: set[str] = set()
    waiting = list(TARGETS)
    while waiting:
        name = waiting.pop()
        if name in found or name not in models:
            continue
        found.add(name)
        if name not in STARTS:
            waiting += models[name].parents
    return found


def _in_order(models: Mapping[str, Node], needed: set[str]) -> list[Node]:
    ordered: dict[str, Node] = {}

    def visit(name: str) -> None:
        if name in ordered or name not in needed:
            return
        if name not in STARTS:
            for parent in sorted(models[name].parents):
                visit(parent)
        ordered[name] = models[name]

    for name in sorted(needed):
        visit(name)
    return list(ordered.values())
