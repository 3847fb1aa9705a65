"""Charts as SVG that a page holds: they need no script, and follow its colours."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

# Letters are larger on a narrow screen, so there is room around the plot.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 250, 76, 62, 20, 24
# Two labels of the axis do not fit below less.
NARROW = 320
TICKS = (0, 0.25, 0.5, 0.75, 1)


def activity(bars: Sequence[dict[str, Any]], unit: str) -> Markup:
    """Return bars of incoming and outgoing events by `unit`, those without any left empty."""
    if not bars:
        return Markup("")
    first, last = bars[0], bars[-1]
    count = last["position"] - first["position"] + 1
    highest = max(bar["incoming_count"] + bar["outgoing_count"] for bar in bars)
    # A single day is a bar and not a wall.
    step = min((WIDTH - LEFT - RIGHT) / count, 24)
    plot = HEIGHT - BOTTOM - TOP
    parts = []
    for bar in bars:
        x = LEFT + (bar["position"] - first["position"]) * step
        y = HEIGHT - BOTTOM
        for kind in ("incoming", "outgoing"):
            tall = plot * bar[f"{kind}_count"] / highest
            y -= tall
            parts.append(
                f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(step * 0.85, 1):.1f}"'
                f' height="{tall:.1f}"/>'
            )
    end = LEFT + step * count
    names = [(LEFT, "start", first["label"]), (end, "end", last["label"])]
    if count == 1:
        names = names[:1]
    elif end - LEFT < NARROW:
        names = [(LEFT, "start", f"{first['label']} to {last['label']}")]
    parts += [
        f'<text x="{x:.0f}" y="{HEIGHT - 36}" text-anchor="{anchor}">{name}</text>'
        for x, anchor, name in names
    ]
    parts += _level(highest, TOP) + _level(0, HEIGHT - BOTTOM)
    total = sum(bar["incoming_count"] + bar["outgoing_count"] for bar in bars)
    return _svg(
        parts,
        f"Events by {unit} from {first['label']} to {last['label']}: {total:,} in all,"
        f" {highest:,} in the busiest {unit}.",
    )


def curve(
    points: Sequence[tuple[float, float]], across: str, up: str, diagonal: bool = False
) -> Markup:
    """Return a line of points from 0 to 1 in both directions, beside the diagonal if wanted."""
    if not points:
        return Markup("")
    plot, span = HEIGHT - BOTTOM - TOP, WIDTH - LEFT - RIGHT
    path = " ".join(
        f"{LEFT + span * x:.1f},{HEIGHT - BOTTOM - plot * y:.1f}"
        for x, y in points
        if x is not None and y is not None
    )
    parts = [part for tick in TICKS for part in _level(tick, HEIGHT - BOTTOM - plot * tick)]
    parts += [
        f'<text x="{LEFT + span * tick:.0f}" y="{HEIGHT - 36}" text-anchor="middle">{tick:g}</text>'
        for tick in TICKS
    ]
    if diagonal:
        parts.append(
            f'<line class="aim" x1="{LEFT}" y1="{HEIGHT - BOTTOM}" x2="{LEFT + span}" y2="{TOP}"/>'
        )
    parts += [
        f'<polyline class="line" points="{path}"/>',
        f'<text x="{LEFT + span / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(across)}</text>",
    ]
    return _svg(parts, f"{up} against {across}, {len(points)} points.")


def _level(value: float, y: float) -> list[str]:
    return [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>',
    ]


def _svg(parts: Sequence[str], words: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}">'
        + "".join(parts)
        + "</svg>"
    )
