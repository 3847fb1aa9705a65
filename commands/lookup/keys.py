"""API keys: who may read and who may review. A file keeps their hashes, never the keys."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

ROLES = ("reader", "reviewer")


@dataclass(frozen=True)
class Client:
    """Who asks."""

    name: str
    role: str

    @property
    def may_review(self) -> bool:
        """Whether the client may add reviews."""
        return self.role == "reviewer"


class KeyFileError(Exception):
    """A sentence on what is wrong with the file of keys."""


class Keys:
    """The keys of a file: a line `name role sha256` each, read again when the file changes."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises KeyFileError."""
        self._path = path
        self._changed_at = 0
        self._clients: dict[bytes, Client] = {}
        self._read()

    def client(self, key: str) -> Client | None:
        """Return who has this key."""
        # Keys are long and random, so one round of SHA-256 hides them, and a look-up by the hash
        # tells nothing by its time.
        self._read()
        return self._clients.get(_hashed(key))

    def _read(self) -> None:
        try:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at == self._changed_at:
                return
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            if self._clients:
                return
            raise KeyFileError(
                f"The file of keys {self._path} cannot be read: {error.strerror}. Make a key with"
                " make serve OPTIONS='--keys FILE --new-key NAME --role reader'."
            ) from error
        clients = {}
        for number, line in enumerate(lines, start=1):
            parts = line.split()
            if not parts or parts[0].startswith("#"):
                continue
            if len(parts) != 3 or parts[1] not in ROLES or len(parts[2]) != 64:
                raise KeyFileError(
                    f"Line {number} of {self._path} is not 'name role sha256' with role reader or"
                    " reviewer."
                )
            clients[bytes.fromhex(parts[2])] = Client(parts[0], parts[1])
        self._clients, self._changed_at = clients, changed_at


def new_key(path: Path, name: str, role: str) -> str:
    """Add a key to the file, by its hash, and return the key, which is kept nowhere."""
    if not name or name.split() != [name] or name.startswith("#"):
        raise KeyFileError("The name of a key has no spaces and does not start with #.")
    key = secrets.token_urlsafe(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{name} {role} {_hashed(key).hex()}\n")
    path.chmod(0o600)
    return key


def key_of(headers: dict[bytes, bytes]) -> str | None:
    """Return the key of a request: a bearer token, X-API-Key, or the password of basic access."""
    if found := headers.get(b"x-api-key"):
        return found.decode("latin-1")
    scheme, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
