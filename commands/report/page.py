"""The page: parts of sections in one HTML file that opens offline."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from commands.report.investors.section import InvestorSections
from commands.report.marts import Marts
from commands.report.numbers import minute
from commands.report.origin import read_origin
from commands.report.scam.section import ScamSections

TEMPLATE = Path(__file__).with_name("page.html.j2")


def page(marts: Marts, now: datetime) -> str:
    """Return the whole page as HTML; the same rows at the same time give the same text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    origin = read_origin(marts)
    investors, scams = InvestorSections(marts), ScamSections(marts, origin)
    return environment.get_template(TEMPLATE.name).render(
        origin=origin,
        facts=[("Generated", minute(now)), *origin.facts, *investors.facts(), *scams.facts()],
        sections=[*scams.sections(), *investors.sections()],
    )
