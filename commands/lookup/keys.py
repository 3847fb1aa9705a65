"""API keys: who may read and who may review. A file keeps their hashes, never the keys."""

import base64
import hashlib
import logging
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

ROLES = ("reader", "reviewer")
MAX_NAME = 100

logger = logging.getLogger("lookup")

_HASH = re.compile("[0-9a-fA-F]{64}")
_STILL_GOOD = "The keys that were read before stay good."


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
    """The keys of a file: a line `name role sha256` each, read again when the file changes.

    A file that is deleted while the service runs revokes every key. One that cannot be read any
    more revokes none: the keys read last stay good, and the log says so.
    """

    def __init__(self, path: Path) -> None:
        """Read the file. Raises KeyFileError."""
        self._path = path
        self._version: tuple[int, ...] | None = None
        self._clients: dict[bytes, Client] = {}
        self._problem = ""
        try:
            self._read()
        except OSError as error:
            raise KeyFileError(
                f"{_unreadable(path, error)} Make a key with"
                " make serve OPTIONS='--keys FILE --new-key NAME --role reader'."
            ) from error

    def client(self, key: str) -> Client | None:
        """Return who has this key."""
        # Keys are long and random, so one round of SHA-256 hides them, and a look-up by the hash
        # tells nothing by its time.
        self._follow()
        return self._clients.get(_hashed(key))

    def _follow(self) -> None:
        """Read the file if it changed, and log once what is wrong with it."""
        try:
            self._read()
        except FileNotFoundError:
            self._clients, self._version = {}, None
            self._log("keys revoked", f"The file of keys {self._path} is gone, so no key is good.")
        except OSError as error:
            self._log("keys not read again", f"{_unreadable(self._path, error)} {_STILL_GOOD}")
        except KeyFileError as error:
            self._log("keys not read again", f"{error} {_STILL_GOOD}")

    def _log(self, message: str, problem: str) -> None:
        if problem != self._problem:
            logger.error(message, extra={"fields": {"reason": problem}})
        self._problem = problem

    def _read(self) -> None:
        status = self._path.stat()
        version = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        if version == self._version:
            return
        text = self._path.read_bytes()
        # A damaged file is read once, not with every request.
        self._version = version
        self._clients = _clients_of(self._path, text)
        if self._problem:
            logger.info("keys read again", extra={"fields": {"keys": len(self._clients)}})
        self._problem = ""


def new_key(path: Path, name: str, role: str) -> str:
    """Add a key to the file, by its hash, and return the key, which is kept nowhere."""
    # A reviewer's key names the reviews, whose names have as many characters.
    if name.split() != [name] or name.startswith("#") or len(name) > MAX_NAME:
        raise KeyFileError(
            f"The name of a key has no spaces, at most {MAX_NAME} characters, and does not start"
            " with #."
        )
    key = secrets.token_urlsafe(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    known = path.read_bytes() if path.exists() else b""
    # An editor may have left the last line without its end.
    start = "\n" if known and not known.endswith(b"\n") else ""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{start}{name} {role} {_hashed(key).hex()}\n")
    path.chmod(0o600)
    return key


def lines_of(path: Path, name: str) -> list[int]:
    """Return the numbers of the lines of the file that hold keys of this name."""
    if not path.exists():
        return []
    lines = path.read_bytes().decode(errors="replace").splitlines()
    return [number for number, line in enumerate(lines, start=1) if line.split()[:1] == [name]]


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
        except ValueError:
            return None
    return None


def _clients_of(path: Path, content: bytes) -> dict[bytes, Client]:
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise KeyFileError(f"The file of keys {path} is not text in UTF-8.") from error
    clients = {}
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        if len(parts) != 3 or parts[1] not in ROLES or not _HASH.fullmatch(parts[2]):
            raise KeyFileError(
                f"Line {number} of {path} is not 'name role sha256', with role reader or reviewer"
                " and a hash of 64 hexadecimal digits."
            )
        clients[bytes.fromhex(parts[2])] = Client(parts[0], parts[1])
    return clients


def _unreadable(path: Path, error: OSError) -> str:
    return f"The file of keys {path} cannot be read: {error.strerror}."


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
