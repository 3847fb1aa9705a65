"""Charts as SVG that a page holds: they need no script, and follow its colours."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 220, 56, 34, 10


def activity(months: Sequence[dict[str, Any]]) -> Markup:
    """Return bars of incoming and outgoing events by month, months without any included."""
    if not months:
        return Markup("")
    first, last = months[0], months[-1]
    start = first["year"] * 12 + first["month"] - 1
    count = last["year"] * 12 + last["month"] - start
    highest = max(month["incoming_count"] + month["outgoing_count"] for month in months)
    # A single month is a bar and not a wall.
    step = min((WIDTH - LEFT - 8) / count, 48)
    plot = HEIGHT - BOTTOM - TOP
    parts = []
    for month in months:
        x = LEFT + (month["year"] * 12 + month["month"] - 1 - start) * step
        y = HEIGHT - BOTTOM
        for kind in ("incoming", "outgoing"):
            tall = plot * month[f"{kind}_count"] / highest
            y -= tall
            parts.append(
                f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(step * 0.85, 1):.1f}"'
                f' height="{tall:.1f}"/>'
            )
    end = LEFT + step * count
    labels = [(LEFT, first, "start"), (max(end, LEFT + 130), last, "end")]
    parts += [
        f'<text x="{x:.0f}" y="{HEIGHT - 12}" text-anchor="{anchor}">'
        f"{month['year']}-{month['month']:02}</text>"
        for x, month, anchor in labels[: 1 if count == 1 else 2]
    ]
    parts += _level(highest, TOP) + _level(0, HEIGHT - BOTTOM)
    total = sum(month["incoming_count"] + month["outgoing_count"] for month in months)
    return _svg(
        parts,
        f"Events by month from {first['year']}-{first['month']:02} to"
        f" {last['year']}-{last['month']:02}: {total:,} in all, {highest:,} in the busiest month.",
    )


def curve(points: Sequence[tuple[float, float]], across: str, up: str) -> Markup:
    """Return a line of points from 0 to 1 in both directions."""
    if not points:
        return Markup("")
    plot, span = HEIGHT - BOTTOM - TOP, WIDTH - LEFT - 8
    path = " ".join(
        f"{LEFT + span * x:.1f},{HEIGHT - BOTTOM - plot * y:.1f}"
        for x, y in points
        if x is not None and y is not None
    )
    parts = [
        f'<polyline class="line" points="{path}"/>',
        f'<text x="{LEFT + span / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">'
        f"{escape(across)}</text>",
        f'<text x="{LEFT}" y="{HEIGHT - 18}" text-anchor="middle">0</text>',
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 18}" text-anchor="end">1</text>',
        *_level(1, TOP),
        *_level(0, HEIGHT - BOTTOM),
    ]
    return _svg(parts, f"{up} against {across}, {len(points)} points.")


def _level(value: float, y: float) -> list[str]:
    return [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>',
    ]


def _svg(parts: Sequence[str], words: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}">'
        + "".join(parts)
        + "</svg>"
    )
