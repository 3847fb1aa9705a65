"""Fetch a public list: shown first, resumed where it broke off, kept only if the checksum fits."""

import hashlib
import http.client
import shutil
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from commands.labels.errors import LabelListError
from commands.labels.sources import Source

TIMEOUT_SECONDS = 30
# No label list comes near it. A server that sends more is not the right one.
MOST_BYTES = 200_000_000
_CHUNK = 65_536
_BROKEN = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)


@dataclass(frozen=True)
class Trust:
    """What makes a file the right one: a checksum, or your word for the first download."""

    sha256: str = ""
    first_download: bool = False


def fetch(source: Source, folder: Path, trust: Trust, offline: Path | None) -> Path:
    """Put the file of a list into a folder, from the network or from another folder.

    Raises LabelListError if there is none, it cannot be had, or it is not the file of the checksum.
    """
    if not source.url:
        raise LabelListError(f"{source.name} cannot be downloaded. {source.how}")
    print(announced(source), flush=True)
    expected = (trust.sha256 or source.sha256).lower()
    if not expected and not trust.first_download:
        raise LabelListError(
            f"No checksum of {source.name} is known. Give the one you trust (--sha256 …), or take"
            " the file as it comes and see its checksum (--trust-first-download)."
        )
    target = folder / source.file_name
    if expected and target.is_file() and _sha256(target) == expected:
        print(f"{target} is there already.")
        return target
    part = target.with_name(target.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if offline:
            _copy(offline / source.file_name, part)
        else:
            _download(source.url, part, resume=bool(expected))
        _check(source, part, expected)
        part.replace(target)
    except OSError as error:
        raise LabelListError(f"{target} cannot be written: {error.strerror or error}.") from None
    return target


def announced(source: Source) -> str:
    """What is about to be fetched."""
    return (
        f"{source.name}: {source.about}\n"
        f"  size:    {source.size_text}\n"
        f"  licence: {source.licence}\n"
        f"  from:    {source.url}"
    )


def _check(source: Source, part: Path, expected: str) -> None:
    found = _sha256(part)
    if not expected:
        print(f"  sha256:  {found} (first download: next time give it as --sha256)")
    elif found != expected:
        size = part.stat().st_size
        part.unlink()
        raise LabelListError(
            f"The file of {source.name} is another one: {size:,} bytes with sha256 {found}, not"
            f" {expected}. Nothing was kept."
        )
    else:
        print(f"  sha256:  {found}, as expected")


def _copy(file: Path, part: Path) -> None:
    if not file.is_file():
        raise LabelListError(f"{file} is not there. Put the file of the list into that folder.")
    shutil.copyfile(file, part)


def _download(url: str, part: Path, resume: bool) -> None:
    """Fetch into `part`. What is there is gone on with only if a checksum will tell if it fits."""
    start = part.stat().st_size if resume and part.is_file() else 0
    try:
        with _opened(url, start) as response:
            start = start if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0
            whole = _whole_size(response, start)
            print(f"  going on at byte {start:,}" if start else f"  server:  {_size_text(whole)}")
            size = _receive(response, part, start)
    except (*_BROKEN, ssl.SSLError) as error:
        said = f"{url} cannot be fetched: {_reason(error)}."
        raise LabelListError(said + _kept(part, resume)) from None
    if whole is not None and size < whole:
        said = f"{url} broke off at byte {size:,} of {whole:,}."
        raise LabelListError(said + _kept(part, resume))


def _opened(url: str, start: int) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": "label-lists"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    opener = urllib.request.build_opener(_SafeRedirects)
    _check_scheme(url)
    try:
        return opener.open(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        if start and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            error.close()
            return _opened(url, 0)
        raise


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows to HTTP and HTTPS only, and never from HTTPS to HTTP."""

    def redirect_request(self, request, response, code, message, headers, url):
        """The next request; raises LabelListError if it would be another protocol."""
        _check_scheme(url)
        if request.type == "https" and urllib.parse.urlsplit(url).scheme != "https":
            raise LabelListError(f"{request.full_url} leads to {url}, which is not encrypted.")
        return super().redirect_request(request, response, code, message, headers, url)


def _check_scheme(url: str) -> None:
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise LabelListError(f"{url} is not an address of HTTP.")


def _whole_size(response: http.client.HTTPResponse, start: int) -> int | None:
    """How large the file will be, None if the server does not say."""
    if start:
        first, _, whole = response.headers.get("Content-Range", "").partition("/")
        if not first.startswith(f"bytes {start}-"):
            raise LabelListError("The server goes on at another byte. Remove the .part file.")
        return int(whole) if whole.isdigit() else None
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _receive(response: http.client.HTTPResponse, part: Path, size: int) -> int:
    with part.open("ab" if size else "wb") as file:
        while chunk := response.read(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                part.unlink()
                raise LabelListError(f"The server sends more than {MOST_BYTES:,} bytes.")
            file.write(chunk)
    return size


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(error).__name__)


def _size_text(size: int | None) -> str:
    return "does not say how large it is" if size is None else f"{size:,} bytes"


def _kept(part: Path, resume: bool) -> str:
    if not resume or not part.is_file() or not part.stat().st_size:
        return ""
    return " What came is kept: the same command goes on there."


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
