"""Files that are written whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a hidden file beside `path` to write to, which becomes `path` at the end.

    If anything fails, the file that was there stays and nothing else is left. Makes the folder.
    A device or a pipe is written directly. Raises OSError as the system does.
    """
    # A link keeps pointing at the file.
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        yield path
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from error
    # Of this process only: two that write the same file do not meet.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        # A full disk may show itself only here.
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
