"""The cost note, computed once for all tests."""

import functools

from maintenance.bigquery_cost.builds import Builds
from maintenance.bigquery_cost.page import Report
from maintenance.bigquery_cost.volumes import Assumptions


@functools.cache
def cost_report() -> Report:
    """What the tool says of the project as it is."""
    return Report(Builds(Assumptions.load()))
