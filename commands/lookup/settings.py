"""Settings of the service."""

from dataclasses import dataclass, field
from pathlib import Path

from commands.publish.copy import COPY, lookup_copy

DEFAULT_COPY = lookup_copy(COPY)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Settings:
    """How the service runs. The defaults are those of one analyst on one machine."""

    copy: Path = DEFAULT_COPY
    reviews_url: str = "sqlite:///reviews.sqlite"
    host: str = "127.0.0.1"
    port: int = 8000
    # Names under which a browser may ask, beside those of this machine.
    public_hosts: tuple[str, ...] = ()
    # File with hashed API keys; needed for any other host than this machine.
    keys: Path | None = None
    # Requests a minute of one key, or of one client where there are no keys. 0: no limit.
    requests_per_minute: int = 0
    max_body_bytes: int = 16_000_000
    max_batch: int = 1000
    timeout_seconds: float = 30.0
    memory_limit: str = "2GB"
    threads: int = 2
    # Proxies whose X-Forwarded-For is believed.
    trusted_proxies: tuple[str, ...] = field(default=())

    @property
    def is_open_to_others(self) -> bool:
        """Whether other machines can ask."""
        return self.host not in LOOPBACK

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Names that the Host header may have, in lower case."""
        names = (*LOOPBACK, "[::1]", self.host, f"[{self.host}]", *self.public_hosts)
        return frozenset(map(str.lower, names))
