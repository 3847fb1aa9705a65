"""Models of one build, made again from other files without dbt, which would take seconds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from commands.check.plan import Plan, label_plan
from support.dbt_project import DbtProject
from support.reader import plan_of

# The base model that holds the relation of a table's files.
BASE_MODELS = {
    "transactions": "staging.base_chain__transactions",
    "token_transfers": "staging.base_chain__token_transfers",
    "labels": "staging.base_labels__address_labels",
}


class CompiledModels:
    """SQL as dbt compiled it, in which the files can be replaced, and the database it was for."""

    def __init__(
        self,
        dbt: DbtProject,
        directory: Path,
        select: str,
        labels: Path | str = "",
        **variables: Any,
    ) -> None:
        """Build models from `directory/chain` and `labels` once."""
        chain = directory / "chain"
        run = dbt.run(directory, chain=chain, labels=labels, select=select, **variables)
        assert run.success, run.errors
        self._sql = run.compiled
        plans = [plan_of(chain), *([label_plan(str(labels))] if labels else [])]
        self._relations = {
            name: relation for plan in plans for name, relation in plan.relations.items()
        }
        self.connection = duckdb.connect(str(run.database))
        self.connection.execute("set TimeZone = 'UTC'; set checkpoint_threshold = '1GB'")

    def rebuild(self, plan: Plan, models: Mapping[str, str]) -> None:
        """Read the files of a plan, then make these models again as `view` or `table`."""
        for table, relation in plan.relations.items():
            model = BASE_MODELS[table]
            sql = self._sql[model.split(".")[1]]
            assert sql.count(self._relations[table]) == 1
            self._make("view", model, sql.replace(self._relations[table], relation))
        for model, kind in models.items():
            self._make(kind, model, self._sql[model.split(".")[1]])

    def enter(self, plan: Plan) -> None:
        """Replace the entries of the files, which compiled models hold as constants."""
        entries = " union all ".join(
            f"select '{file['table_name']}' as table_name, '{file['input_file']}' as file_name,"
            " '' as file_format, '' as layout, '' as columns_used, '' as columns_ignored,"
            f" '' as columns_absent, {file['input_file']} as input_file,"
            f" cast({'null' if file['rows_in_file'] is None else file['rows_in_file']} as bigint)"
            " as rows_in_file"
            for file in plan.files
        )
        self._make("view", "staging.base_chain__input_files", entries)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.connection.execute(sql).fetchall()

    def _make(self, kind: str, model: str, sql: str) -> None:
        self.connection.execute(f"create or replace {kind} {model} as {sql}")
