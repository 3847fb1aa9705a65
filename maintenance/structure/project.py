"""A state of the project: its files, and the manifest dbt makes of them."""

import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIRECTORY = Path(__file__).resolve().parents[2]

# Simulated rows, not code.
DATA_FOLDERS = ("seeds/sample/",)

TEXT_SUFFIXES = {".csv", ".j2", ".md", ".py", ".sql", ".toml", ".yml"}


class RevisionError(Exception):
    """A state of the project that cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Project:
    """Text of each file by its path in the project, and dbt's manifest."""

    files: dict[str, str]
    manifest: dict


def read_revision(revision: str, scratch: Path) -> Project:
    """The project as committed in `revision`, unpacked under `scratch`."""
    archive = _git("archive", "--format=tar", revision)
    directory = scratch / "project"
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(directory, filter="data")
    paths = [path.relative_to(directory).as_posix() for path in directory.rglob("*")]
    return Project(_texts(directory, paths), _parsed(directory, scratch))


def read_working_tree(scratch: Path) -> Project:
    """The project as it lies here: tracked files and those not yet added, none that are ignored."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    paths = sorted(set(listed.decode().split("\0")))
    return Project(_texts(PROJECT_DIRECTORY, paths), _parsed(PROJECT_DIRECTORY, scratch))


def first_committed(pattern: str, folder: str, since: str) -> int | None:
    """Unix time of the first commit after `since` that brought a match to a folder, if any did."""
    search = (f"-S{pattern}", "--pickaxe-regex", f"{since}..HEAD", "--", folder)
    found = _git("log", "--format=%ct", *search).split()
    return int(found[-1]) if found else None


def _texts(directory: Path, paths: list[str]) -> dict[str, str]:
    return {
        path: (directory / path).read_text()
        for path in sorted(paths)
        if Path(path).suffix in TEXT_SUFFIXES
        and not path.startswith(DATA_FOLDERS)
        and (directory / path).is_file()
    }


def _parsed(directory: Path, scratch: Path) -> dict:
    """Manifest of a parse for the sample on DuckDB; everything dbt writes goes to `scratch`."""
    scratch.mkdir(parents=True, exist_ok=True)
    profile = (directory / "profiles.yml.example").read_text()
    (scratch / "profiles.yml").write_text(profile)
    result = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "--quiet", "parse", "--no-partial-parse"),
            *("--target", "duckdb", "--project-dir", str(directory)),
            *("--profiles-dir", str(scratch), "--target-path", str(scratch / "target")),
            *("--log-path", str(scratch / "logs"), "--log-level-file", "none"),
        ],
        cwd=directory,
        env=os.environ | {"CHAIN_DATA": "", "LABEL_DATA": "", "DUCKDB_PATH": ":memory:"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RevisionError(f"dbt cannot parse {directory}:\n{result.stdout}{result.stderr}")
    return json.loads((scratch / "target" / "manifest.json").read_text())


def _git(*arguments: str) -> bytes:
    result = subprocess.run(
        ["git", *arguments], cwd=PROJECT_DIRECTORY, capture_output=True, check=False
    )
    if result.returncode:
        raise RevisionError(
            f"git {arguments[0]} failed: {result.stderr.decode().strip()}\n"
            "The measures need a git clone that has the revision: git fetch --unshallow."
        )
    return result.stdout
