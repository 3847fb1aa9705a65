"""Files that are written whole or not at all."""

import errno
import glob
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a hidden file beside `path` to write to, which becomes `path` at the end.

    If anything fails, the file that was there stays and nothing else is left. What a killed process
    left of the same file is removed. Makes the folder. A device or a pipe is written directly.
    Raises OSError as the system does, and SystemExit where SIGTERM stops the process.
    """
    # The path that a link such as /dev/stdout leads to may be the name of a pipe and no file.
    if path.exists() and not (path.is_file() or path.is_dir()):
        yield path
        return
    # A link keeps pointing at the file.
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from error
    _remove_left_over(path)
    # Of this process only: two that write the same file do not meet.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with _exit_on_sigterm():
            yield partial
            # A full disk may show itself only here.
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _remove_left_over(path: Path) -> None:
    """Remove what processes that are gone have left of `path`, with what lay beside it."""
    name = re.compile(rf"\.{re.escape(path.name)}\.(\d+)\.partial(\.\w+)?")
    for beside in path.parent.glob(f".{glob.escape(path.name)}.*.partial*"):
        match = name.fullmatch(beside.name)
        if match is None or _is_another_running(int(match[1])):
            continue
        # What belongs to somebody else stays. It is in nobody's way.
        with suppress(OSError):
            shutil.rmtree(beside) if beside.is_dir() else beside.unlink()


def _is_another_running(process: int) -> bool:
    # In a container every run can have the number of the one that was killed.
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        # It runs, under another user.
        pass
    return True


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Let SIGTERM exit, so that what is half-written is removed. By default nothing is."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except RuntimeError as error:
        # DuckDB makes this of an exit during a query.
        if isinstance(error.__cause__, SystemExit):
            raise error.__cause__ from None
        raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
