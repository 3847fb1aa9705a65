"""Charts as inline SVG: one look, the same bytes for the same rows, and words for each picture."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from commands.report.parts import Chart

# Okabe and Ito, "Color Universal Design" (2008): told apart with any colour vision. Yellow is
# left out, because lines in it vanish on white.
COLORS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#595959", "#7A4B00"]
# Colours never stand alone: the same thing has a mark and a dash of its own.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2))]
INK, FAINT = "#222222", "#8A8A8A"

STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": INK,
    "text.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": True,
    # Text stays text: readable for machines, sharp in print. The page names the same font first
    # and falls back to narrower ones.
    "svg.fonttype": "none",
    # Names inside the SVG come from its content instead of from chance.
    "svg.hashsalt": "ethereum-address-intelligence",
    # Of the few parts that are drawn as points, not as lines.
    "savefig.dpi": 200,
}

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
# A figure's inch in CSS pixels.
PIXELS = 96

Draw = Callable[[Figure], str]


def chart(
    slug: str,
    title: str,
    draw: Draw,
    *,
    caption: str,
    width: float = 4.9,
    height: float = 3.4,
    is_wide: bool = False,
) -> Chart:
    """Draw a chart of `width` × `height` inches.

    `draw` fills the figure and returns what it shows in words, which readers hear who cannot see.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        description = draw(figure)
        buffer = io.StringIO()
        # Without a date and the like, the same rows give the same bytes.
        nothing = dict.fromkeys(["Date", "Creator", "Format", "Type"])
        figure.savefig(buffer, format="svg", metadata=nothing)
    svg = accessible(buffer.getvalue(), slug, title, description)
    return Chart(slug, title, svg, caption, round(width * PIXELS), is_wide)


def accessible(document: str, slug: str, title: str, description: str) -> str:
    """Return matplotlib's SVG as an element of a page: named, described, its ids its own."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(document)
    taken = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                # Equal images, of equal confusion matrices, have equal names.
                unique = f"{slug}-{value}-{len(taken)}" if value in taken else f"{slug}-{value}"
                taken |= {value, unique}
                element.set(name, unique)
            elif name == f"{{{XLINK}}}href" and value.startswith("#"):
                element.set(name, f"#{slug}-{value[1:]}")
            elif "url(#" in value:
                element.set(name, re.sub(r"url\(#", f"url(#{slug}-", value))
    # Styles for every element would reach the whole page; the page sets them for charts.
    for definitions in root.findall(f"{{{SVG}}}defs"):
        for style in definitions.findall(f"{{{SVG}}}style"):
            definitions.remove(style)
    for position, (kind, text) in enumerate([("title", title), ("desc", description)]):
        element = ElementTree.Element(f"{{{SVG}}}{kind}", {"id": f"{slug}-{kind}"})
        element.text = text
        root.insert(position, element)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{slug}-title {slug}-desc")
    return ElementTree.tostring(root, encoding="unicode")


def plain(value: float, _: int | None = None) -> str:
    """A tick label in few signs: 10⁻⁶, 0.1, 1, 1,000, 10 M."""
    if 0 < abs(value) < 0.001:
        digits, exponent = f"{value:e}".split("e")
        power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
        return power if float(digits) == 1 else f"{float(digits):.2g}·{power}"
    for size, unit in ((1e9, " bn"), (1e6, " M")):
        if abs(value) >= size:
            return f"{value / size:,.4g}{unit}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def counts(axes: Axes, which: str = "y") -> None:
    """Number an axis of counts with separators."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_formatter(plain)
    axis.get_major_locator().set_params(integer=True)


@contextmanager
def panel(axes: Axes, title: str, x: str, y: str) -> Iterator[Axes]:
    """Name a panel and its axes, with units."""
    yield axes
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
