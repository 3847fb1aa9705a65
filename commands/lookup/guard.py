"""What stands before every route: names, keys, limits, headers, figures and one line of log."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from commands.lookup.keys import Client, Keys, key_of
from commands.lookup.metrics import Metrics
from commands.lookup.problems import Problem
from commands.lookup.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger("lookup")

# Answered without a key, for whoever watches the service.
OPEN_PATHS = frozenset({"/healthz", "/readyz"})

HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
        b" connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
        b" frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
]

# Clients that a limit remembers; the ones that were idle longest are forgotten first.
MAX_BUCKETS = 10_000

# Whoever asks where there are no keys is at this machine.
LOCAL = Client("local", "reviewer")


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: Any, settings: Settings, keys: Keys | None, metrics: Metrics) -> None:
        """Guard `app`. Without `keys` every client may do everything."""
        self.app = app
        self.settings = settings
        self.keys = keys
        self.metrics = metrics
        self._buckets: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        method = scope["method"]
        if method == "HEAD":
            # Answered as GET is. The server keeps the scope it gave, and sends no body.
            scope = {**scope, "method": "GET"}
        status = 500
        has_started = False

        async def guarded_send(message: Message) -> None:
            nonlocal status, has_started
            if message["type"] == "http.response.start":
                status, has_started = message["status"], True
                names = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in HEADERS if header[0] not in names),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        self.metrics.in_progress.inc()
        try:
            headers = dict(scope["headers"])
            self._check_host(headers)
            scope["client_role"] = client = self._client(scope, headers)
            scope["has_keys"] = self.keys is not None
            self._check_rate(scope, client)
            self._check_origin(scope, headers)
            await asyncio.wait_for(
                self.app(scope, self._limited(scope, headers, receive), guarded_send),
                # A query ends by itself before.
                self.settings.timeout_seconds + 2,
            )
        except Problem as problem:
            if has_started:
                raise
            await problem.response()(scope, receive, guarded_send)
        except TimeoutError:
            if has_started:
                raise
            problem = Problem(504, "timeout", "The answer took too long. Ask for less at a time.")
            await problem.response()(scope, receive, guarded_send)
        except Exception:
            logger.exception("failed", extra={"fields": {"request_id": request_id}})
            if has_started:
                # The application has answered with the problem itself, or cannot any more.
                return
            problem = Problem(
                500,
                "internal",
                "The service failed. Its log has the request id.",
                request_id=request_id,
            )
            await problem.response()(scope, receive, guarded_send)
        finally:
            self.metrics.in_progress.dec()
            self._note(scope, method, status, time.perf_counter() - started, request_id)

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name.lower() not in self.settings.allowed_hosts:
            raise Problem(
                421,
                "unknown_host",
                "This service does not answer under that host name. Whoever runs it adds the name"
                " with --public-host.",
            )

    def _client(self, scope: Scope, headers: dict[bytes, bytes]) -> Client:
        if self.keys is None:
            return LOCAL
        key = key_of(headers)
        client = self.keys.client(key) if key else None
        if client is None:
            if scope["path"] in OPEN_PATHS:
                return Client("anyone", "reader")
            raise Problem(
                401,
                "no_key",
                "An API key is needed: Authorization: Bearer KEY, or the password in a browser.",
                {"www-authenticate": 'Bearer, Basic realm="address look-up", charset="UTF-8"'},
            )
        return client

    def _check_rate(self, scope: Scope, client: Client) -> None:
        limit = self.settings.requests_per_minute
        if not limit or scope["path"] in OPEN_PATHS:
            return
        who = client.name if self.keys else (scope.get("client") or ("", 0))[0]
        now = time.monotonic()
        tokens, last = self._buckets.pop(who, (float(limit), now))
        tokens = min(limit, tokens + (now - last) * limit / 60)
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets.pop(next(iter(self._buckets)))
        if tokens < 1:
            self._buckets[who] = (tokens, now)
            wait = (1 - tokens) * 60 / limit
            raise Problem(
                429,
                "too_many_requests",
                f"More than {limit} requests a minute. Wait, or ask for many addresses at once.",
                {"retry-after": str(int(wait) + 1)},
            )
        self._buckets[who] = (tokens - 1, now)

    def _check_origin(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """Refuse what a page of another site makes a browser send."""
        if scope["method"] in ("GET", "OPTIONS"):
            return
        if headers.get(b"sec-fetch-site", b"none") not in (b"same-origin", b"none"):
            raise Problem(403, "cross_site", "A page of another site cannot send this.")

    def _limited(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        limit = self.settings.max_body_bytes
        problem = Problem(
            413, "too_large", f"The body is larger than {limit} bytes. Send less at a time."
        )
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit:
            raise problem
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                # The framework makes its own error of what is raised while it reads a body.
                scope["problem"] = problem
                raise problem
            return message

        return limited_receive

    def _note(
        self, scope: Scope, method: str, status: int, seconds: float, request_id: str
    ) -> None:
        # The path of the route, not of the request: an address asked for is nobody's business.
        route = getattr(scope.get("route"), "path", "none")
        method = method if method in _METHODS else "other"
        self.metrics.requests.labels(method, route, status).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if logger.isEnabledFor(logging.INFO):
            logger.info(
                "request",
                extra={
                    "fields": {
                        "request_id": request_id,
                        "method": method,
                        "route": route,
                        "status": status,
                        "milliseconds": round(seconds * 1000, 2),
                    }
                },
            )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class JsonLines(logging.Formatter):
    """One JSON object a line, without personal data."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            # The kind and the place of a fault; its text may quote what was asked.
            kind, _, trace = record.exc_info
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            line["error"] = getattr(kind, "__name__", str(kind))
            if trace is not None:
                code = trace.tb_frame.f_code
                line["where"] = f"{code.co_filename}:{trace.tb_lineno}"
        return orjson.dumps(line).decode()
