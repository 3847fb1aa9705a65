"""Price of the builds on BigQuery: `python -m maintenance.bigquery_cost`."""

import argparse

from maintenance import PROJECT_DIRECTORY
from maintenance.bigquery_cost.builds import Builds
from maintenance.bigquery_cost.page import Report
from maintenance.bigquery_cost.volumes import Assumptions

PAGE = PROJECT_DIRECTORY / "docs" / "bigquery_cost.md"


def main() -> None:
    """Print the summary and with `--write` write the page docs/bigquery_cost.md."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.bigquery_cost", description=__doc__
    )
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    options = parser.parse_args()
    report = Report(Builds(Assumptions.load()))
    print(report.summary())
    if options.write:
        PAGE.write_text(report.page())
        print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
