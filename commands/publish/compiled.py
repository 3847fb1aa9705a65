"""The project's SQL as dbt compiles it for a database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from commands import PROJECT_DIRECTORY
from commands.build.problems import explained, known_problem
from commands.publish.errors import PublishError
from commands.publish.recipe import STORED_STEPS, TARGETS, Node, nodes


def compiled_models(
    profiles_directory: Path, target: str | None, variables: str, target_path: Path
) -> dict[str, Node]:
    """Return the models that a score depends on, compiled with `variables` as the build's.

    Raises PublishError with dbt's reason.
    """
    arguments = [
        *("compile", "--log-level", "none", "--no-write-json"),
        *("--project-dir", str(PROJECT_DIRECTORY)),
        *("--profiles-dir", str(profiles_directory), "--target-path", str(target_path)),
        *("--select", *(f"+{name}" for name in TARGETS)),
        *("--exclude", *STORED_STEPS),
    ]
    if target:
        arguments += ["--target", target]
    if variables:
        arguments += ["--vars", variables]
    with _in_project():
        try:
            result = dbtRunner().invoke(arguments)
        finally:
            # dbt keeps the file open, and nobody else of this process could read it.
            DuckDBConnectionManager.close_all_connections()
    if not result.success:
        messages = [str(row.message) for row in result.result or [] if row.status == "error"]
        raise PublishError(_reason(messages, result.exception))
    return nodes(row.node for row in result.result)


def _reason(messages: list[str], exception: BaseException | None) -> str:
    """Say why nothing was compiled, in the words of a build where it has some."""
    reasons = "; ".join(explained(messages, exception))
    is_known = any(known_problem(text) for text in [*messages, str(exception)])
    return reasons if is_known else f"dbt cannot compile the models: {reasons}"


@contextmanager
def _in_project() -> Iterator[None]:
    before = Path.cwd()
    os.chdir(PROJECT_DIRECTORY)
    try:
        yield
    finally:
        os.chdir(before)
