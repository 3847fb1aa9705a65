"""What tests share: inputs, oracles, and dbt in this process."""

import os
from pathlib import Path

PROJECT_DIRECTORY = Path(__file__).resolve().parents[3]

# Chain exports and label lists; tests that need them skip where they are not.
REAL_DATA = Path(os.environ.get("REAL_DATA", PROJECT_DIRECTORY.parent / "shared/real_data"))
