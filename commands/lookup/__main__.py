"""Serve the look-up: pages for people, JSON for programs, on 127.0.0.1 unless told otherwise."""

import argparse
import errno
import ipaddress
import logging
import math
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
import uvicorn

from commands import PROJECT_DIRECTORY
from commands.lookup.app import NoKeys, create_app
from commands.lookup.guard import JsonLines
from commands.lookup.keys import ROLES, KeyFileError, lines_of, new_key
from commands.lookup.settings import Settings
from commands.publish.copy import COPY, for_lookup, lookup_copy
from commands.report.errors import ReportError

DEFAULTS = Settings()

MAX_THREADS = 1024
MAX_PORT = 65_535
MAX_REQUESTS = 1_000_000_000


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; returns the exit code. `arguments` default to those of the process."""
    options = _options(arguments)
    if options.new_key:
        return _add_key(options)
    settings = Settings(
        copy=for_lookup(options.copy),
        reviews_url=options.reviews_url,
        host=options.host,
        port=options.port,
        public_hosts=tuple(options.public_host),
        keys=options.keys,
        requests_per_minute=options.requests_per_minute
        if options.requests_per_minute is not None
        else (600 if options.keys else 0),
        timeout_seconds=options.timeout,
        memory_limit=options.memory_limit,
        threads=options.threads,
        trusted_proxies=tuple(options.trusted_proxy),
    )
    if problem := _port_problem(options.host, options.port):
        print(f"Error: {problem}", file=sys.stderr)
        return 1
    _log_as_json()
    try:
        app = create_app(settings, _warehouse(options.target) if options.target else None)
    except (NoKeys, KeyFileError, ReportError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
        print(f"Error: the reviews cannot be opened. {reason}. Check REVIEWS_URL.", file=sys.stderr)
        return 1
    except sa.exc.SQLAlchemyError as error:
        # The text of the error holds the address of the database, and so perhaps a password.
        kind = type(error).__name__
        print(
            f"Error: the reviews cannot be opened ({kind}). Check REVIEWS_URL, which is"
            " sqlite:///FILE or postgresql://….",
            file=sys.stderr,
        )
        return 1
    print(f"Look-up on http://{options.host}:{options.port} (stop it with Ctrl-C)")
    uvicorn.run(
        app,
        host=options.host,
        port=options.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=",".join(settings.trusted_proxies) or None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=15,
        h11_max_incomplete_event_size=16_384,
        limit_concurrency=1000,
    )
    return 0


def _port_problem(host: str, port: int) -> str | None:
    """Say why the service cannot listen there, None if it can at one address of the host."""
    reason = "it has no address"
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        places, reason = [], error.strerror
    is_free = False
    for family, kind, protocol, _, place in places:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(place)
                is_free = True
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is in use. Choose another with --port."
            reason = os.strerror(error.errno)
    return None if is_free else f"The service cannot listen on {host}, port {port}: {reason}."


def _warehouse(target_name: str) -> Any:
    """Return the datasets of a target of profiles.yml. Raises ReportError."""
    from dbt.adapters.bigquery.clients import create_bigquery_client

    from commands.lookup.bigquery import BigQueryCopies, BigQueryCopy
    from commands.report.profile import Target

    directory = Path(os.environ.get("DBT_PROFILES_DIR") or PROJECT_DIRECTORY).absolute()
    target = Target.load(directory, target_name)
    credentials = target.credentials
    if credentials.type != "bigquery":
        raise ReportError("--target is for BigQuery. On DuckDB the look-up reads a serving copy.")
    schemas = {
        name: f"`{credentials.database}`.`{target.schema_prefix}{name}`"
        for name in ("marts", "intermediate")
    }
    # The cap of a build, because BigQuery compares it with the columns of whole tables, before it
    # finds that the rows of an address are in a few blocks.
    client, cap = create_bigquery_client(credentials), credentials.maximum_bytes_billed
    return BigQueryCopies(BigQueryCopy(client, schemas, cap))


def _add_key(options: argparse.Namespace) -> int:
    if options.keys is None:
        print("Error: --new-key needs --keys FILE, where the hash is kept.", file=sys.stderr)
        return 2
    try:
        earlier = lines_of(options.keys, options.new_key)
        key = new_key(options.keys, options.new_key, options.role)
    except (KeyFileError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"Key of {options.new_key} ({options.role}), shown only now: {key}")
    if earlier:
        lines = ", ".join(str(number) for number in earlier)
        print(
            f"Earlier keys of {options.new_key} stay good. To revoke one, delete its line in"
            f" {options.keys}: {lines}."
        )
    return 0


def _log_as_json() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.lookup", description=__doc__)
    add = parser.add_argument
    add(
        "--copy",
        type=Path,
        default=lookup_copy(Path(os.environ.get("SERVING_COPY") or COPY)),
        help="file that make publish wrote, either of the two (default: the one beside"
        f" SERVING_COPY, else {DEFAULTS.copy})",
    )
    add(
        "--reviews-url",
        default=os.environ.get("REVIEWS_URL") or DEFAULTS.reviews_url,
        help="database of the reviews (default: REVIEWS_URL, else the file reviews.sqlite)",
    )
    add("--target", help="answer from this BigQuery target of profiles.yml, not from a copy")
    add("--host", default=DEFAULTS.host, help="another host than this machine needs --keys")
    add("--port", type=_port, default=DEFAULTS.port, help=f"default: {DEFAULTS.port}")
    add(
        "--public-host",
        type=_host_name,
        action="append",
        default=[],
        help="name under which a proxy is asked, may repeat",
    )
    add(
        "--trusted-proxy",
        type=_proxy,
        action="append",
        default=[],
        help="address of a proxy, may repeat",
    )
    add("--keys", type=Path, help="file of hashed API keys")
    add("--new-key", metavar="NAME", help="add a key to the file, show it, and stop")
    add(
        "--role", choices=ROLES, default="reader", help="role of the new key (default: %(default)s)"
    )
    add(
        "--requests-per-minute",
        type=_requests,
        help="limit per key, or per client without keys; 0: none (default: 600 with keys)",
    )
    add(
        "--timeout",
        type=_seconds,
        default=DEFAULTS.timeout_seconds,
        help="seconds of one query (default: %(default)g)",
    )
    add(
        "--memory-limit",
        type=_memory_limit,
        default=DEFAULTS.memory_limit,
        help="memory of queries (default: %(default)s)",
    )
    add(
        "--threads",
        type=_threads,
        default=DEFAULTS.threads,
        help="threads of queries (default: %(default)s)",
    )
    return parser.parse_args(arguments)


def _memory_limit(text: str) -> str:
    try:
        duckdb.connect(config={"memory_limit": text}).close()
    except duckdb.Error as error:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not an amount of memory. Write a number and a unit, such as 2GB or 500MB."
        ) from error
    return text


def _port(text: str) -> int:
    return _whole_number(text, "port", MAX_PORT)


def _threads(text: str) -> int:
    return _whole_number(text, "number of threads", MAX_THREADS)


def _requests(text: str) -> int:
    return _whole_number(text, "number of requests", MAX_REQUESTS, least=0)


def _whole_number(text: str, name: str, largest: int, least: int = 1) -> int:
    if not text.isdecimal() or not least <= int(text) <= largest:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a {name}. Write a whole number from {least} to {largest}."
        )
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number of seconds. Write one above 0, such as 30."
        )
    return seconds


def _host_name(text: str) -> str:
    if not re.fullmatch(r"[^\s/:@]+|\[[0-9a-fA-F:.]+\]", text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not the name of a host. Write it without scheme, port and path, such as"
            " lookup.example.org."
        )
    return text


def _proxy(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        if text != "*":
            raise argparse.ArgumentTypeError(
                f"'{text}' is not the address of a proxy. Write an IP address such as 127.0.0.1,"
                " or a network such as 10.0.0.0/8."
            ) from None
    return text


if __name__ == "__main__":
    sys.exit(main())
