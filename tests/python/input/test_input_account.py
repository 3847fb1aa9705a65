"""Every row of every generated file is accounted for, or its file is refused by name.

Files of all formats, spellings and damages are read by the project's own SQL, compiled once by dbt.
The default is 100 folders. INPUT_EXAMPLES=2000 takes more of them, in about 10 minutes.
"""

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from commands.check.errors import InputError
from commands.check.plan import Plan
from support.compiled_models import CompiledModels
from support.dbt_project import DbtProject
from support.input_files import HISTORY_START, REQUIRED, Folder, folders, outcomes
from support.reader import plan_of, put

EXAMPLES = int(os.environ.get("INPUT_EXAMPLES", "100"))

# What is made anew for each folder, in order. The other models are views of these.
MODELS = {
    "staging.stg_chain__transactions": "table",
    "intermediate.int_events__repeated_transactions": "table",
    "intermediate.int_events__chain_intake": "table",
    "intermediate.int_events__input_files": "table",
}

OUTCOMES = ["read", "accepted", "duplicate", "rejected", "early"]

# Rows of each file by outcome, by the number of the file in the plan.
Account = list[dict[str, int]]


@pytest.fixture(scope="module")
def account_of(
    dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Plan], Account]]:
    """The account of a plan: the models of one build, with another relation of files."""
    directory = tmp_path_factory.mktemp("account")
    put(directory / "chain/transactions.csv", ",".join(REQUIRED) + "\n")
    compiled = CompiledModels(
        dbt, directory, "+int_events__input_files", history_start=f"{HISTORY_START}"
    )

    def account(plan: Plan) -> Account:
        compiled.enter(plan)
        compiled.rebuild(plan, MODELS)
        rows = compiled.rows(
            "select rows_read, rows_accepted, rows_duplicate, rows_rejected, rows_too_early,"
            " rows_in_file from intermediate.int_events__input_files order by file_name::integer"
        )
        for *counts, rows_in_file in rows:
            assert rows_in_file in (None, counts[0])
        return [dict(zip(OUTCOMES, counts, strict=True)) for *counts, _ in rows]

    yield account
    compiled.connection.close()


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(folder=folders())
def test_every_row_is_accounted_for_or_its_file_refused(
    account_of: Callable[[Plan], Account],
    numbers: Iterator[int],
    tmp_path_factory: pytest.TempPathFactory,
    folder: Folder,
) -> None:
    chain = tmp_path_factory.getbasetemp() / f"account/{next(numbers)}"
    paths = folder.write(chain)
    damaged = next((n for n, file in enumerate(folder.files) if file.damage.kind != "none"), None)
    plan, account, refusal = taken(account_of, chain)
    if refusal:
        assert damaged is not None, refusal
        assert str(paths[damaged]) in refusal
        return
    order = [paths.index(chain / file["file_name"]) for file in plan.files]
    files = folder.files
    if damaged is not None:
        survivors = rows_that_may_be_left(folder, damaged, paths[damaged])
        assert survivors is not None, f"{folder.files[damaged].damage} was read without a word"
        found = account[order.index(damaged)]["read"]
        assert found == survivors
        if found != len(files[damaged].rows) or files[damaged].form.format == "csv":
            # The last row that is left may be cut to another value. Conservation still holds.
            assert_conserved(account)
            return
    expected = outcomes(files, order)
    assert account == [
        {outcome: expected[position][outcome] for outcome in OUTCOMES} for position in order
    ]


def taken(account_of: Callable[[Plan], Account], chain: Path) -> tuple[Plan, Account, str]:
    """Plan and account of a folder, or the message with which it was refused."""
    try:
        plan = plan_of(chain)
        return plan, account_of(plan), ""
    except (InputError, duckdb.Error) as stopped:
        return Plan(), [], str(stopped)


def rows_that_may_be_left(folder: Folder, damaged: int, path: Path) -> int | None:
    """Rows of a damaged file that can be read as if it was whole. None if it must be refused."""
    file = folder.files[damaged]
    form, damage = file.form, file.damage
    if damage.kind == "flipped":  # in the header of gzip, which says when and where it was made
        return len(file.rows)
    if damage.kind != "cut off" or form.compression or form.format.startswith("parquet"):
        return None
    if form.format == "json lines":
        return sum(line.endswith("}") for line in path.read_text().split("\n"))
    if form.format == "csv":
        whole = replace(file, damage=type(damage)())
        intact = replace(folder, files=[whole]).write(path.parent.parent / f"{path.name}-whole")
        assert intact[0].read_bytes().startswith(path.read_bytes())
        return rows_of_csv(path.read_bytes(), form.encoding, form.delimiter)
    return None


def rows_of_csv(content: bytes, encoding: str, delimiter: str) -> int:
    lines = csv.reader(content.decode(encoding, "ignore").splitlines(True), delimiter=delimiter)
    return sum(1 for line in lines if line) - 1


def assert_conserved(account: Account) -> None:
    for counts in account:
        assert counts["read"] == sum(counts[outcome] for outcome in OUTCOMES[1:])
        assert min(counts.values()) >= 0
