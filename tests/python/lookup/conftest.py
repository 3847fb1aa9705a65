"""Fixtures of the look-up: a serving copy of a small build."""

from pathlib import Path

import pytest

from support import serving


@pytest.fixture(scope="session")
def serving_copy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of the simulated chain that `make publish` writes, to be read only."""
    return serving.published_copy(request, tmp_path_factory.mktemp("published"))
