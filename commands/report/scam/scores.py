"""What the champion's scores say of all addresses."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, DASHES, INK, chart, panel, plain
from commands.report.errors import require
from commands.report.marts import Marts
from commands.report.numbers import UNKNOWN, count, percent, words
from commands.report.parts import Chart, Table
from commands.report.scam.champion import LIFETIME, Champion
from commands.report.scam.labels import require_scams

# Twenty bins of equal width; the last includes 1.
HISTOGRAM = """
select
    state,
    least(cast(floor(20 * scam_probability) as int64), 19) as bin,
    count(*) as addresses
from {marts}.scam_scores
where scam_probability is not null
group by state, bin
order by state, bin
"""

STATES = """
select state, risk_tier, state_reason, count(*) as addresses
from {marts}.scam_scores
group by state, risk_tier, state_reason
order by state, addresses desc, risk_tier, state_reason
"""

TIERS = """
select policy_name, threshold_probability
from {marts}.scam_policies
where
    run_id = @run_id and model_name = @model_name and feature_set = @feature_set
    and fit_name = @fit_name and policy_name in ('clean_queue', 'wide_net')
    and threshold_probability is not null
order by policy_name desc
"""

# Where the tiers begin. Without a clean queue there is no tier high.
TIER_NAMES = {"wide_net": ("tier medium", ":"), "clean_queue": ("tier high", "-.")}
ORDER = ["scored", "stale", "not_scored", "too_little_to_tell", "known_scam", "known_entity"]
MOST_ROWS = 25


def distribution(slug: str, title: str, marts: Marts, run: Champion) -> Chart:
    """Draw the calibrated probabilities by state."""
    rows = require_scams(marts, marts.rows(HISTOGRAM), "No address has a score.")
    states = sorted({row["state"] for row in rows}, key=lambda name: (name != "scored", name))
    tiers = marts.rows(TIERS, **run.key(), fit_name=LIFETIME)
    edges = [number / 20 for number in range(21)]

    def draw(figure: Figure) -> str:
        described = []
        with panel(
            figure.subplots(), "", "Scam probability (calibrated, 0 to 1)", "Addresses (log scale)"
        ) as axes:
            for number, state in enumerate(states):
                bins = {row["bin"]: row["addresses"] for row in rows if row["state"] == state}
                total = sum(bins.values())
                axes.stairs(
                    [bins.get(place, 0) for place in range(20)],
                    edges,
                    color=COLORS[number],
                    linestyle=DASHES[number],
                    linewidth=1.8,
                    label=f"{words(state)} ({count(total)})",
                )
                upper = sum(number for place, number in bins.items() if place >= 10)
                described.append(
                    f"{words(state)}: {count(total)} addresses, {count(upper)} of them at 0.5 or"
                    " more"
                )
            for row in tiers:
                name, style = TIER_NAMES[row["policy_name"]]
                axes.axvline(
                    row["threshold_probability"],
                    color=INK,
                    linestyle=style,
                    linewidth=1.3,
                    label=f"{name} from {row['threshold_probability']:.3f}",
                )
            axes.set_yscale("symlog", linthresh=1)
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter(plain)
            axes.set_xlim(0, 1)
            axes.minorticks_off()
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=2)
        return "; ".join(described) + "."

    caption = (
        f"All addresses with a score, in twenty bins; run {run.run_id}. Vertical lines: where the"
        " risk tiers begin. Known scams and entities keep their score, but have no tier."
    )
    return chart(slug, title, draw, caption=caption, width=5.4, height=4.4)


def states(slug: str, title: str, marts: Marts) -> Table:
    """Count addresses by state, tier and reason."""
    found = require(marts.rows(STATES), "No address has a state.")
    found.sort(key=lambda row: ORDER.index(row["state"]) if row["state"] in ORDER else len(ORDER))
    total = sum(row["addresses"] for row in found)
    rows = [
        (
            words(row["state"]),
            row["risk_tier"] or UNKNOWN,
            words(row["state_reason"] or UNKNOWN),
            count(row["addresses"]),
            percent(row["addresses"] / total),
        )
        for row in found[:MOST_ROWS]
    ]
    rest = sum(row["addresses"] for row in found[MOST_ROWS:])
    if rest:
        rows.append(("others", UNKNOWN, "other reasons", count(rest), percent(rest / total)))
    return Table(
        slug,
        title,
        f"All {count(total)} addresses, each in one state. Stale: its features changed after the"
        " score. Not scored: no transactions, or it waits for the next run.",
        ["State", "Risk tier", "Reason", "Addresses", "Share"],
        rows,
        frozenset({3, 4}),
    )
