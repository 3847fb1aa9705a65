"""Commands for users: each a package that runs with `python -m commands.<name>`."""

from pathlib import Path

PROJECT_DIRECTORY = Path(__file__).resolve().parents[1]
