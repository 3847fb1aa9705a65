"""The builds the tests look at: first and later ones, of the public tables and of the sample."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import yaml

from maintenance.bigquery_sql.evaluated import Rows
from maintenance.bigquery_sql.offline_warehouse import Build, build
from support import PROJECT_DIRECTORY

DEFAULTS = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())["vars"]

# Every other value of a var is one more compilation, and every target one more parse, so tests
# share these.
OTHER_VALUES: dict[str, Any] = {
    "days_per_load": 30,
    "history_start": "2020-01-01 00:00:00",
    "late_block_days": 10,
}
DEVELOPMENT: dict[str, Any] = {
    "target": "bigquery_dev",
    "label_table": "my-project.risk.labels",
}

CHAIN_SOURCES = {
    "public": "bigquery-public-data.crypto_ethereum",
    "sample": "the simulated sample",
}


def today() -> date:
    """Day of the run, UTC."""
    return datetime.now(UTC).date()


def made_before(chain_source: str, history_start: str) -> dict[str, Rows]:
    """What macros read of an earlier build's tables: everything was loaded through yesterday."""
    yesterday = today() - timedelta(days=1)
    return {
        "int_events__chain_state": [
            {
                "chain_source": CHAIN_SOURCES[chain_source],
                "history_start": history_start,
                "loaded_through": yesterday,
                "load_end": f"{today() + timedelta(days=1)} 00:00:00",
            }
        ],
        # The row that says up to which day events are settled.
        "int_events__settled_events": [
            {"event_bucket": 2000, "block_date": yesterday - timedelta(days=9)}
        ],
        "int_scam_serving__alerts": [
            {"address": "0xa", "event_bucket": 3, "address_key": -7},
            {"address": "0xb", "event_bucket": 4, "address_key": 8},
        ],
        # The run before had one of the two, and no hash.
        "int_scam_serving__alert_transactions": [
            {
                "address": "0xa",
                "block_date": yesterday - timedelta(days=99),
                "transaction_key": 5,
                "settled_before": yesterday - timedelta(days=10),
                "history_start": history_start,
            }
        ],
    }


def first_build(chain_source: str, **settings: Any) -> Build:
    """A build into an empty dataset."""
    return build(chain_source, **settings)


def later_build(chain_source: str, **settings: Any) -> Build:
    """A daily build the day after."""
    history_start = settings.get("history_start", DEFAULTS["history_start"])
    return build(chain_source, made_before(chain_source, history_start), **settings)
