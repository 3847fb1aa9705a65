"""What git tells of a file in a clone: its versions along the main line, and their contents.

Only git's plumbing is called, nothing is fetched, and the working tree is not looked at.
"""

import os
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from commands.labels.errors import LabelListError

# Settings of the shell that would lead git to another repository.
_MISLEADING = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}


@dataclass(frozen=True)
class Version:
    """A commit that changed the file: when (seconds since 1970), and the blob, '' if it is gone."""

    commit: str
    committed_at: int
    blob: str


class Clone:
    """A clone with its whole history.

    Raises LabelListError if there is none at the path, or only part of one.
    """

    def __init__(self, path: Path) -> None:
        """Look whether git finds a whole clone there."""
        self.path = self.top = path
        if not path.is_dir():
            raise LabelListError(f"--history {path} is not a folder.")
        if self._git("rev-parse", "--is-shallow-repository").strip() == "true":
            raise LabelListError(
                f"The clone {path} is shallow, so the dates of its first commits are missing. Fetch"
                f" the rest: git -C {path} fetch --unshallow"
            )
        if self._git("config", "--get-regexp", r"^remote\..*\.promisor$", fails=True).strip():
            raise LabelListError(
                f"The clone {path} is partial: old versions are not in it. Clone without --filter."
            )
        self.top = path / self._git("rev-parse", "--show-cdup", fails=True).rstrip("\n")

    def inside(self, file: Path) -> str:
        """The path of a file as git knows it: from the top of the clone."""
        top = self.top.resolve()
        place = file.parent.resolve() / file.name
        if place.is_relative_to(top) and (file.is_absolute() or file.exists()):
            return place.relative_to(top).as_posix()
        if file.is_absolute():
            raise LabelListError(f"{file} is not in the clone {self.path}.")
        return Path(os.path.normpath(file)).as_posix()

    def versions(self, file: str) -> list[Version]:
        """Versions of a file, oldest first, also under its former names.

        They follow the first parents: a merge is one change, at the time at which what it brought
        came onto the main line.
        """
        found: list[Version] = []
        start = "HEAD"
        while file and start:
            name, file = file, ""
            for version, is_new in self._changes(start, name):
                found.append(version)
                former = self._former_name(version.commit, name) if is_new else ""
                if former:
                    start, file = f"{version.commit}^1", former
                    break
        return found[::-1]

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        """The contents of blobs, one after the other; nothing for ''."""
        blobs = list(blobs)
        with self._start("cat-file", "--batch") as process:
            # Asked for ahead, so that git reads the next while this one is looked at.
            asking = threading.Thread(target=_ask, args=(process.stdin, blobs), daemon=True)
            asking.start()
            for blob in blobs:
                yield self._content(process, blob) if blob else b""
            asking.join()

    def _changes(self, start: str, file: str) -> Iterator[tuple[Version, bool]]:
        """The commits that changed a file, newest first, and whether they added it."""
        log = self._git(
            *("log", "--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames"),
            *("--no-follow", "--no-show-signature", "--format=%x01%H %ct", start, "--", file),
        )
        for record in log.split("\x01")[1:]:
            head, *changes = [line for line in record.split("\n") if line]
            commit, time = head.split(" ")
            for change in changes[:1]:
                modes, changed_file = change.split("\t", 1)
                if changed_file.startswith(f"{file}/"):
                    raise LabelListError(f"{file} is a folder in {self.path}: name a file in it.")
                _, _, _, blob, status = modes.split(" ")
                blob = "" if set(blob) == {"0"} else blob
                yield Version(commit, int(time), blob), status == "A"

    def _former_name(self, commit: str, file: str) -> str:
        """The name a file had before the commit that seems to add it, '' if it is really new."""
        if not self._git("rev-parse", "--verify", "--quiet", f"{commit}^1", fails=True):
            return ""
        changes = self._git(
            *("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status"),
            *("--no-commit-id", f"{commit}^1", commit),
        ).split("\0")
        for _, old, new in zip(changes[0::3], changes[1::3], changes[2::3], strict=False):
            if new == file:
                return old
        return ""

    def _content(self, process: subprocess.Popen, blob: str) -> bytes:
        head = process.stdout.readline().split()
        if len(head) != 3:
            raise LabelListError(f"The clone {self.path} lacks the version {blob}.")
        content = process.stdout.read(int(head[2]))
        process.stdout.read(1)
        return content

    def _git(self, *arguments: str, fails: bool = False) -> str:
        """What git prints. With `fails` nothing if it fails, else LabelListError."""
        with self._start(*arguments) as process:
            printed, said = process.communicate()
        if process.returncode and not fails:
            reason = said.decode("utf-8", "replace").strip().removeprefix("fatal: ")
            raise LabelListError(
                f"git cannot read {self.path}: {(reason.splitlines() or ['it failed'])[0]}."
            )
        return os.fsdecode(printed) if not process.returncode else ""

    def _start(self, *arguments: str) -> subprocess.Popen:
        settings = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
        environment = {
            **{name: value for name, value in os.environ.items() if name not in _MISLEADING},
            "LC_ALL": "C",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        try:
            return subprocess.Popen(
                ["git", "--no-replace-objects", "-C", str(self.top), *settings, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
            )
        except FileNotFoundError:
            raise LabelListError("--history needs git, which is not installed.") from None


def _ask(pipe: IO[bytes], blobs: list[str]) -> None:
    # The reader may stop early and close the pipe.
    with suppress(OSError, ValueError):
        pipe.write("".join(f"{blob}\n" for blob in blobs if blob).encode())
        pipe.close()
