"""The benchmark's results as a Markdown page that names the machine."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from maintenance.benchmark.increment import UNLABELLED_SAMPLE, Increment
from maintenance.compiled_project import duckdb_settings

WHAT_IT_DOES = {
    "floor": "one hash aggregate over both sides by address: count, first and last time",
    "project": "all features of the `lifetime` window, the models as compiled by dbt.\n"
    "  *Without staging* leaves out reading, parsing and validating rows",
    "dictionary": "the project's models for the feature dictionary alone, counterparties and\n"
    "  their edges included. Models that only features of behaviour need stay empty, and their\n"
    "  columns are not written",
    "polars": "the same feature dictionary in Polars (streaming engine)",
}


@dataclass(frozen=True)
class Measurement:
    """One run of one contender."""

    seconds: float
    addresses: int
    events: int
    peak_bytes: int
    spilled_bytes: int
    written_bytes: int
    staging_seconds: float = 0.0


def table(results: Mapping[int, Mapping[str, Sequence[Measurement]]]) -> str:
    """Markdown table of medians; `results` is number of transactions → contender → its runs."""
    lines = [
        "| transactions | addresses | contender | seconds | × floor | peak memory, GB | spill, GB "
        "| written, GB |",
        "|--:|--:|:--|--:|--:|--:|--:|--:|",
    ]
    for transactions, contenders in results.items():
        floor_seconds = median(run.seconds for run in contenders["floor"])
        for name, runs in contenders.items():
            seconds = median(run.seconds for run in runs)
            peak_gb = max(run.peak_bytes for run in runs) / 1e9
            spilled_gb = max(run.spilled_bytes for run in runs) / 1e9
            written_gb = max(run.written_bytes for run in runs) / 1e9
            lines.append(
                f"| {transactions:,} | {runs[0].addresses:,} | {name} | {seconds:.1f} "
                f"| {seconds / floor_seconds:.1f} | {peak_gb:.1f} | {spilled_gb:.1f} "
                f"| {written_gb:.1f} |"
            )
            staging = median(run.staging_seconds for run in runs)
            if staging:
                rest = seconds - staging
                lines.append(
                    f"| | | {name}, without staging | {rest:.1f} | {rest / floor_seconds:.1f} "
                    "| | | |"
                )
    return "\n".join(lines)


def increments_table(increments: Mapping[int, Increment]) -> str:
    """Markdown table; `increments` is number of transactions → what the last day took."""
    lines = [
        "| transactions | of the day | everything, s | one day, s | share | changed addresses |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for transactions, run in increments.items():
        share = run.day_seconds / run.whole_seconds
        lines.append(
            f"| {transactions:,} | {run.day_transactions:,} | {run.whole_seconds:.1f} "
            f"| {run.day_seconds:.1f} | {share:.0%} | {run.changed_addresses:,} |"
        )
    return "\n".join(lines)


def page(
    results: Mapping[int, Mapping[str, Sequence[Measurement]]],
    increments: Mapping[int, Increment],
) -> str:
    """The whole Markdown page."""
    memory_limit = duckdb_settings()["memory_limit"]
    contenders = "\n".join(f"- **{name}**: {text}" for name, text in WHAT_IT_DOES.items())
    return f"""# Benchmark

This page shows you how much time and memory you need to compute features of addresses from
simulated transactions. With `make bench` you measure them on your own machine and write the page.

{table(results)}

Each contender reads the same Parquet file, runs alone in a fresh process with two threads and
writes its result to disk. Contenders take turns. You see the median seconds of their runs and the
highest of their peak memory (resident), of the temporary files they had at once (spill) and of
their results' files. DuckDB was given {memory_limit} (`DUCKDB_MEMORY_LIMIT`), and writes to disk
what does not fit.

{contenders}

The project also parses and validates every row (staging), deduplicates rows and keeps those it
rejects. The floor and Polars take the rows as they are. The benchmark fails unless all contenders
find the same addresses and events.

## One more day

Where loads add days (`incremental_loads`), a daily run counts the events since the last settled day
and computes the features of the addresses that changed. The table compares that with a run that
counts everything, all windows of backtests included, for {UNLABELLED_SAMPLE} % of the unlabelled
addresses (`unlabelled_sample_percent`). Both are the seconds of the feature models as dbt reports
them, without reading files and without dbt's start, measured once.

{increments_table(increments)}

For a chain that the simulator has no memory for, measure one of
`python -m maintenance.benchmark.power_law` with `python -m maintenance.benchmark --data`. Give it
more memory with `DUCKDB_MEMORY_LIMIT`.

Machine: {machine()}.
"""


def machine() -> str:
    """Processor, cores, memory, system and versions."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "dbt-core"))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB RAM, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    cpu_information = Path("/proc/cpuinfo")
    if cpu_information.exists():
        for line in cpu_information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
