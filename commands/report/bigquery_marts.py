"""Marts in a BigQuery dataset, read within the profile's budget of bytes."""

from typing import Any

from google.api_core.exceptions import BadRequest, GoogleAPIError, NotFound
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from commands.report.errors import NothingToShow, ReportError
from commands.report.marts import Row, in_schemas
from commands.report.profile import Target

TYPES = {str: "STRING", int: "INT64", float: "FLOAT64"}


class BigQueryMarts:
    """Reads the marts of a dbt target; no query bills more than its maximum_bytes_billed."""

    engine = "BigQuery"

    def __init__(self, target: Target, client: bigquery.Client) -> None:
        """Use this client. Raises ReportError if it may not read, or there are no marts."""
        self._client = client
        self._maximum_bytes = target.credentials.maximum_bytes_billed
        project, prefix = target.credentials.database, target.schema_prefix
        self._schemas = {
            name: f"`{project}`.`{prefix}{name}`" for name in ("marts", "intermediate")
        }
        dataset = f"{project}.{prefix}marts"
        self.place = f"BigQuery dataset {dataset}"
        try:
            tables = list(client.list_tables(dataset, max_results=1))
        except NotFound:
            tables = []
        except (GoogleAPIError, GoogleAuthError) as error:
            raise ReportError(f"{self.place} cannot be read: {error}") from error
        if not tables:
            raise ReportError(
                f"{self.place} holds no marts yet. Run: make build TARGET=bigquery"
                " (BIGQUERY_PROJECT and BIGQUERY_DATASET name another place)."
            )

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """Return the rows of a query; see Marts."""
        configuration = bigquery.QueryJobConfig(
            maximum_bytes_billed=self._maximum_bytes,
            query_parameters=[
                bigquery.ScalarQueryParameter(name, TYPES[type(value)], value)
                for name, value in parameters.items()
            ],
        )
        text = in_schemas(sql, self._schemas)
        try:
            result = self._client.query(text, job_config=configuration).result()
            return [dict(row) for row in result]
        except (NotFound, BadRequest) as error:
            if "bytes billed" in str(error):
                raise ReportError(f"{self.place}: {error}") from error
            reason = str(error).split("\n")[0]
            raise NothingToShow(f"{reason} To make it, run: make build TARGET=bigquery") from error
        except (GoogleAPIError, GoogleAuthError) as error:
            raise ReportError(f"{self.place}: {error}") from error
