"""What every test process has."""

import gc

import pytest


@pytest.fixture(autouse=True, scope="module")
def what_stays_is_not_looked_through() -> None:
    """Keep garbage collection off parsed projects: it would take longer than compiling them."""
    gc.collect()
    gc.freeze()
