"""What macros become on either engine: SQL written with Jinja, without a model around it."""

import functools

from maintenance.bigquery_sql.compiled import run_dbt

# The settings of `compiled("public", …)`, so that dbt has parsed the project already.
PUBLIC = {"bigquery_chain_source": "public"}


@functools.cache
def compile_inline(sql: str, target: str) -> str:
    """SQL with its Jinja compiled by dbt for `target`, duckdb or bigquery."""
    results = run_dbt(target, PUBLIC, "compile", "--no-populate-cache", "--inline", sql)
    return results[0].node.compiled_code
