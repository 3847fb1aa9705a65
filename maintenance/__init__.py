"""For those who maintain the project: simulator, benchmark, cost, SQL analysis, structure."""

from pathlib import Path

PROJECT_DIRECTORY = Path(__file__).resolve().parents[1]
