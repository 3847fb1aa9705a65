"""BigQuery: what a query would read, and its rows, within a budget of bytes."""

from collections.abc import Iterator

import google.auth
import pyarrow as pa
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.types import DataFormat, ReadSession

from commands.slice.errors import SliceError
from commands.slice.queries import Query


class Warehouse:
    """Runs queries that together bill at most `max_bytes`.

    Results come through the BigQuery Storage API; without a `storage` client through REST.
    """

    def __init__(
        self, client: bigquery.Client, storage: BigQueryReadClient | None, max_bytes: int
    ) -> None:
        """Use these clients; `client` names the project that pays."""
        self.client = client
        self.storage = storage
        self.max_bytes = max_bytes
        self.billed_bytes = 0

    def bytes_read(self, query: Query) -> int:
        """Bytes a query would read, by BigQuery's own dry run, which is free."""
        configuration = bigquery.QueryJobConfig(
            query_parameters=query.parameters, dry_run=True, use_query_cache=False
        )
        return self.client.query(query.sql, job_config=configuration).total_bytes_processed

    def rows(self, query: Query) -> Iterator[pa.RecordBatch]:
        """Rows of a query's result, batch by batch.

        BigQuery itself refuses the job, unbilled, if it would go over what is left of the budget.
        """
        configuration = bigquery.QueryJobConfig(
            query_parameters=query.parameters,
            # Zero could be taken for no limit.
            maximum_bytes_billed=max(self.max_bytes - self.billed_bytes, 1),
        )
        job = self.client.query(query.sql, job_config=configuration)
        try:
            result = job.result()
        except KeyboardInterrupt:
            job.cancel()
            raise
        self.billed_bytes += job.total_bytes_billed or 0
        if self.storage is None:
            yield from result.to_arrow_iterable()
        else:
            yield from self._stored_rows(job.destination)

    def _stored_rows(self, table: bigquery.TableReference) -> Iterator[pa.RecordBatch]:
        # Every query leaves its result in a temporary table, which is read free of charge.
        session = self.storage.create_read_session(
            parent=f"projects/{self.client.project}",
            read_session=ReadSession(table=table.to_bqstorage(), data_format=DataFormat.ARROW),
            max_stream_count=1,
        )
        schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
        for stream in session.streams:  # none if there are no rows
            for response in self.storage.read_rows(stream.name):
                batch = pa.py_buffer(response.arrow_record_batch.serialized_record_batch)
                yield pa.ipc.read_record_batch(batch, schema)


def connect(project: str, is_rest: bool, max_bytes: int) -> Warehouse:
    """BigQuery with the credentials of this machine; `project` pays. Raises SliceError."""
    try:
        credentials, _ = google.auth.default(scopes=[*bigquery.Client.SCOPE])
    except DefaultCredentialsError as error:
        raise SliceError(
            "No Google credentials found. Run `gcloud auth application-default login`, or set"
            " GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account."
        ) from error
    storage = None if is_rest else BigQueryReadClient(credentials=credentials)
    return Warehouse(bigquery.Client(project, credentials), storage, max_bytes)
