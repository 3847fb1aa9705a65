"""What maintains the project: simulator, benchmark, cost note and measurements of memory."""

from pathlib import Path

PROJECT_DIRECTORY = Path(__file__).resolve().parents[1]
