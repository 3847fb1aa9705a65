"""PageRank and communities against networkx and plain loops, on the simulated sample."""

from collections import Counter

import networkx as nx
import pytest

from support.dbt_project import DbtProject, Run

PAGE_RANK_STEPS = 30
COMMUNITY_STEPS = 10
DAMPING = 0.85


@pytest.fixture(scope="module")
def built(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = dbt.run(
        tmp_path_factory.mktemp("graph"),
        select="+address_graph_features",
    )
    assert run.success, run.errors
    return run


@pytest.fixture(scope="module")
def pairs(built: Run) -> list[tuple[str, str]]:
    """Distinct sender and recipient of all accepted transactions, without self-transfers."""
    return built.query(
        "select distinct owner.address, other.address"
        " from intermediate.int_events__transaction_events as events"
        " join intermediate.int_addresses__keys as owner using (address_key)"
        " join intermediate.int_addresses__keys as other"
        "   on events.counterparty_key = other.address_key"
        " where events.is_outgoing and owner.address <> other.address"
    )


def test_page_rank_is_that_of_networkx_up_to_the_steps_left_out(built: Run, pairs) -> None:
    found = dict(built.query("select address, page_rank from marts.address_graph_features"))
    expected = nx.pagerank(nx.DiGraph(pairs), alpha=DAMPING, tol=1e-12, max_iter=1000)
    assert found.keys() == expected.keys()
    assert sum(found.values()) == pytest.approx(1, abs=1e-9)
    # What is left of the difference shrinks by the damping in each step.
    distance = sum(abs(found[address] - expected[address]) for address in found)
    assert distance <= 2 * DAMPING**PAGE_RANK_STEPS


def test_communities_are_those_of_plain_loops(built: Run, pairs) -> None:
    found = dict(built.query("select address, community from marts.address_graph_features"))
    graph = nx.Graph(pairs)
    expected = {address: address for address in graph}
    for _ in range(COMMUNITY_STEPS):
        expected = {
            address: min(
                Counter(
                    [expected[address], *(expected[other] for other in graph[address])]
                ).items(),
                key=lambda vote: (-vote[1], vote[0]),
            )[0]
            for address in graph
        }
    assert found == expected
    assert len(set(found.values())) < len(found)
