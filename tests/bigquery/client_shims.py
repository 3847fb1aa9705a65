"""What stands between Google's clients and an emulator on loopback, and nothing else."""

import warnings
from datetime import UTC, datetime

import bigframes.pandas as bpd
import grpc
from bigframes.session import Session
from bigframes.session.clients import ClientsProvider
from bigframes.session.time import BigQuerySyncedClock
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery_storage_v1 import BigQueryReadClient, BigQueryWriteClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)
from google.cloud.bigquery_storage_v1.services.big_query_write.transports import (
    BigQueryWriteGrpcTransport,
)

# As the clients have it when they open a channel themselves.
UNLIMITED_MESSAGES = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


def storage_clients(grpc_address: str) -> tuple[BigQueryReadClient, BigQueryWriteClient]:
    """Return the clients of an emulator's storage interfaces, to be closed at the end."""
    # Bigframes has no setting for storage interfaces without TLS.
    channel = grpc.insecure_channel(grpc_address, options=UNLIMITED_MESSAGES)
    return (
        BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel)),
        BigQueryWriteClient(transport=BigQueryWriteGrpcTransport(channel=channel)),
    )


def connect_bigframes(rest_url: str, read: BigQueryReadClient, write: BigQueryWriteClient) -> None:
    """Point the sessions that bigframes opens from now on to the emulator."""
    # Nobody to log in to.
    bpd.options.bigquery.credentials = AnonymousCredentials()
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # "an advanced option"
        bpd.options.bigquery.client_endpoints_override = {"bqclient": rest_url}
    ClientsProvider.bqstoragereadclient = read
    ClientsProvider.bqstoragewriteclient = write
    # It asks for the time in a column current_timestamp, which DuckDB takes for that very column.
    BigQuerySyncedClock.sync = lambda clock: None
    BigQuerySyncedClock.get_time = lambda clock: datetime.now(UTC)
    # Python would close sessions once more when the emulator is gone, and wait ten minutes for it.
    Session.__del__ = lambda session: None
