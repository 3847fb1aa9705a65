"""The page docs/bigquery_cost.md."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from maintenance.bigquery_cost.builds import Builds, Step
from maintenance.bigquery_cost.pricing import Part, Pricing, TableRead
from maintenance.bigquery_cost.volumes import Chain

GIB, TIB = 2**30, 2**40
LARGEST = 12
# What reads or is read less in every build is only counted.
LEAST_GIB = 0.5
LONG_TERM_DAYS = 90
DAYS_A_MONTH = 30


@dataclass(frozen=True)
class Report:
    """What the page says, computed once."""

    builds: Builds

    @cached_property
    def pricing(self) -> Pricing:
        """Sizes as assumed."""
        return Pricing(self.builds.assumptions, self.builds.columns)

    @cached_property
    def scenarios(self) -> dict[str, list[tuple[Step, list[TableRead]]]]:
        """Steps of each build with what they read."""
        runs = {
            "first build": self.builds.first(),
            "daily run": self.builds.daily(),
            "monthly run": self.builds.monthly(),
        }
        return {
            name: [(step, self.pricing.read_by(step)) for step in steps]
            for name, steps in runs.items()
        }

    def reads(self, scenario: str) -> list[TableRead]:
        """Everything a build reads."""
        return [read for _, reads in self.scenarios[scenario] for read in reads]

    def dollars(self, size: float) -> float:
        """Price of bytes read on demand."""
        return size / TIB * self.builds.assumptions.prices["tib_read"]

    def page(self) -> str:
        """The page as Markdown."""
        sections = [
            self._introduction(),
            self._summary(),
            self._largest(),
            self._by_table(),
            self._by_step(),
            self._graph(),
            self._sizes(),
            self._own_numbers(),
            self._left_out(),
        ]
        return "\n\n".join(sections) + "\n"

    def summary(self) -> str:
        """The first table of the page."""
        rows = []
        for name, steps in self.scenarios.items():
            rows.append(self._summary_row(f"**{name}**", self.reads(name)))
            if len(steps) > 1:
                rows += [self._summary_row(f"– {step.name}", reads) for step, reads in steps]
        month = (DAYS_A_MONTH - 1) * self.reads("daily run") + self.reads("monthly run")
        rows.append(
            self._summary_row(f"**a month**: {DAYS_A_MONTH - 1} daily, 1 monthly run", month)
        )
        return table(["", "models, TiB", "data tests, TiB", "together, TiB", "$"], rows)

    def _summary_row(self, name: str, reads: list[TableRead]) -> list[str]:
        tests = total(read for read in reads if is_test(read))
        everything = total(reads)
        sizes = (everything - tests, tests, everything)
        return [name, *(f"{size / TIB:,.2f}" for size in sizes), f"{self.dollars(everything):,.2f}"]

    def _introduction(self) -> str:
        assumptions = self.builds.assumptions
        return f"""\
# What BigQuery costs

This page tells you what you would pay for builds over the public tables. You write it with
`python -m maintenance.bigquery_cost --write`. To change it, change
[assumptions.yml](../maintenance/bigquery_cost/assumptions.yml) or the models.

**Nothing here was measured on Google's billing.** The tool takes every statement that dbt would
send for the public tables, lets Google's analyser (ZetaSQL) resolve it, and notes the columns and
partitions it depends on, through views and `select *`. Their sizes are rows × bytes a row, with
rows as estimated for {assumptions.run_day} and BigQuery's logical bytes of each type. Queries cost
${assumptions.prices["tib_read"]:.2f} per TiB on demand, `unlabelled_sample_percent` is \
{assumptions.variables["unlabelled_sample_percent"]}. You read how the builds
run in [bigquery.md](bigquery.md)."""

    def _summary(self) -> str:
        active, long_term = self._stored()
        prices = self.builds.assumptions.prices
        monthly = (
            active / GIB * prices["gib_month"] + long_term / GIB * prices["gib_month_long_term"]
        )
        largest, size = self._largest_statement()
        named_often = self._bytes_by_mention("daily run")
        return f"""\
## In short

{self.summary()}

Storage: {(active + long_term) / TIB:.2f} TiB, ${monthly:,.2f} a month \
({active / GIB:,.0f} GiB × ${prices["gib_month"]} that change, {long_term / GIB:,.0f} GiB × \
${prices["gib_month_long_term"]} that have not for {LONG_TERM_DAYS} days).

You run data tests of the whole history with the monthly build only ([bigquery.md](bigquery.md)).

The largest statement reads {size / 1e12:.2f} × 10^12 bytes (`{largest}`). The guard \
`BIGQUERY_MAXIMUM_BYTES_BILLED` is 10^12 by default. A statement above it fails \
before you are billed.

A column counts once a statement, however often the statement names its table. If every mention
were billed, your daily run would read {named_often / TIB:.2f} TiB."""

    def _largest(self) -> str:
        parts = ["## The largest reads"]
        for scenario in ("daily run", "first build"):
            reads = sorted(
                self.reads(scenario), key=lambda read: (-round(read.bytes), step_name(read))
            )[:LARGEST]
            rows = [
                [
                    step_name(read),
                    f"`{read.table}`",
                    " + ".join(map(arithmetic, read.parts)),
                    f"{read.bytes / GIB:,.1f}",
                    f"{self.dollars(read.bytes):.2f}",
                ]
                for read in reads
            ]
            share = total(reads) / total(self.reads(scenario))
            parts.append(
                f"{scenario.capitalize()}: {share:.0%} of it\n\n"
                + table(["step", "reads", "rows × bytes a row", "GiB", "$"], rows, left=3)
            )
        return "\n\n".join(parts)

    def _by_table(self) -> str:
        rows = self._compared(lambda read: f"`{read.table}`")
        return (
            "## By table\n\nGiB that models and data tests together read of a table.\n\n"
            + self._comparison("table", rows)
        )

    def _by_step(self) -> str:
        models = self._compared(step_name, lambda read: not is_test(read))
        tests = self._compared(tested, is_test)
        return (
            "## By step\n\nGiB that a model reads, its hooks included.\n\n"
            + self._comparison("model", models)
            + "\n\nGiB that the data tests of a model read. A test of several models counts for"
            " the last of them.\n\n" + self._comparison("data tests of", tests)
        )

    def _graph(self) -> str:
        """What the graph models would add."""
        (step,) = self.builds.graph()
        reads = self.pricing.read_by(step)
        by_node: Counter[str] = Counter()
        for read in reads:
            by_node[tested(read) if is_test(read) else step_name(read)] += read.bytes
        rows = [
            [name, f"{size / GIB:,.1f}", f"{self.dollars(size):,.2f}"]
            for name, size in sorted(by_node.items(), key=lambda item: (-item[1], item[0]))
            if size / GIB >= LEAST_GIB
        ]
        everything, by_mention = total(reads), self.pricing.bytes_by_mention(step)
        stored = sum(
            self._chain.rows(name) * self.pricing.bytes_per_row(name)
            for name in self.builds.graph_tables & {*self.builds.assumptions.tables}
        )
        return f"""\
## The graph, if you ask for it

`address_graph_features` is in none of these builds. With `graph_on_bigquery` a run of it costs you
{self.dollars(everything):,.2f} dollars and holds {stored / GIB:,.0f} GiB more, data tests included:

{
            table(
                ["model with its data tests", "GiB", "$"],
                [
                    *rows,
                    ["**all**", f"{everything / GIB:,.1f}", f"{self.dollars(everything):,.2f}"],
                ],
            )
        }

PageRank names its table once a step. If every mention were billed, a run would read
{by_mention / TIB:.2f} TiB and cost you {
            self.dollars(by_mention):,.2f} dollars. Its two long queries \
also need much more computation a byte than the others. On demand BigQuery may refuse them for that,
so plan them on reserved slots."""

    def _compared(
        self,
        key: Callable[[TableRead], str],
        keep: Callable[[TableRead], bool] = lambda _: True,
    ) -> dict[str, list[float]]:
        """GiB by a key of reads, for each build."""
        counts = []
        for scenario in self.scenarios:
            counter: Counter[str] = Counter()
            for read in filter(keep, self.reads(scenario)):
                counter[key(read)] += read.bytes / GIB
            counts.append(counter)
        first, daily, monthly = counts
        names = sorted(
            {*first, *daily, *monthly},
            key=lambda name: (-round(daily[name], 1), -round(first[name], 1), name),
        )
        return {name: [counter[name] for counter in counts] for name in names}

    def _comparison(self, title: str, sizes: dict[str, list[float]]) -> str:
        large = {name: size for name, size in sizes.items() if max(size) >= LEAST_GIB}
        small = [name for name in sizes if name not in large]
        rows = [[name, *(f"{each:,.1f}" for each in size)] for name, size in large.items()]
        together = [sum(size[i] for size in sizes.values()) for i in range(3)]
        rows.append(["**all**", *(f"**{each:,.1f}**" for each in together)])
        text = table([title, *self.scenarios], rows)
        if small:
            text += f"\n\n{len(small)} others are below {LEAST_GIB} GiB in each build."
        return text

    def _sizes(self) -> str:
        """Rows and bytes of every table with more than a few rows."""
        assumptions, chain = self.builds.assumptions, self._chain
        rows = []
        for name, formula in assumptions.tables.items():
            if not name.endswith("__dbt_tmp"):
                number, width = chain.rows(name), self.pricing.bytes_per_row(name)
                sizes = f"{number / 1e6:,.1f}", f"{width:,.0f}", f"{number * width / GIB:,.1f}"
                rows.append([f"`{name}`", f"`{formula}`", *sizes])
        day = assumptions.run_day - timedelta(days=1)
        yesterday = self.builds.chain(day)
        added = ", ".join(
            f"{chain.rows(name) - yesterday.rows(name):,.0f} {name.replace('_', ' ')}"
            for name in ("transactions", "token_transfers", "contracts", "blocks")
        )
        quantities = "\n".join(
            f"{name} = {formula}" for name, formula in assumptions.quantities.items()
        )
        return f"""\
## Rows and bytes a row

Estimates for {assumptions.run_day}, from block height and published growth. A day adds {added}.
The bytes are those of the columns the project reads or makes: INT64, FLOAT64, TIMESTAMP and DATE 8,
BOOL 1, NUMERIC 16, BIGNUMERIC 32, texts 2 and their length, NULL 0. Text lengths and shares of NULL
are in [assumptions.yml](../maintenance/bigquery_cost/assumptions.yml).

{table(["table", "formula", "rows, millions", "bytes a row", "GiB"], rows, left=2)}

with

```
{quantities}
```

`grown` is 1 today. Another {len(assumptions.small_tables)} tables have some thousand rows. Every \
read of a table costs you 10 MB at least."""

    def _own_numbers(self) -> str:
        return """\
## Your own numbers

You get your own rows and bytes for free in the BigQuery console:

```sql
select table_id, row_count, size_bytes
from `bigquery-public-data.crypto_ethereum`.__TABLES__;

-- what the project has built, in one of its datasets
select table_id, row_count, size_bytes
from `my-project.address_intelligence_intermediate`.__TABLES__;
```

Put the rows of the first into `rows_before` (and `balances`, `tokens`), let the second correct
`quantities`, and run the tool again. You find what you were billed afterwards in
`region-us.INFORMATION_SCHEMA.JOBS_BY_PROJECT` (`total_bytes_billed`). dbt's jobs carry the model's
name in a comment at the head of their query."""

    def _left_out(self) -> str:
        return """\
## What is left out

- **Clustering** makes reads of single addresses cheaper than their partitions. You know how
  much only afterwards, so it counts for nothing here. The reads of the alerts' evidence
  (`int_scam_serving__alert_transactions`, `int_scam_serving__alert_hashes`) are upper bounds.
- **Notebooks**: you pay for the runtime of the Python models by the hour.
- **A new champion** scores all your addresses again, `max_scored_addresses` a run.
- **Growth** beyond the day the rows are estimated for.
- The free TiB a month, capacity prices, retries, cached results and rounding to megabytes.

You pay nothing for deletes of whole partitions, views and `count(*)`."""

    def _stored(self) -> tuple[float, float]:
        """Bytes of the project's tables that change, and of partitions that no longer do."""
        chain = self._chain
        old = self.builds.chain(self.builds.assumptions.run_day - timedelta(days=LONG_TERM_DAYS))
        active = long_term = 0.0
        public = {*self.builds.assumptions.rows_before, "balances", "tokens"}
        for name in {*self.builds.assumptions.tables} - public - self.builds.graph_tables:
            if name.endswith("__dbt_tmp"):
                continue
            width = self.pricing.bytes_per_row(name)
            unchanged = 0.0
            partitions = self.builds.partitions.get(name)
            if partitions and partitions.buckets is None:
                unchanged = old.rows(name) * width
            long_term += unchanged
            active += chain.rows(name) * width - unchanged
        return active, long_term

    @property
    def _chain(self) -> Chain:
        return self.builds.chain(self.builds.assumptions.run_day)

    def _largest_statement(self) -> tuple[str, float]:
        sizes: Counter[tuple[str, int, str]] = Counter()
        for steps in self.scenarios.values():
            for step, reads in steps:
                for read in reads:
                    sizes[step.name, read.statement, step_name(read).strip("`")] += read.bytes
        (_, _, name), size = sizes.most_common(1)[0]
        return name, size

    def _bytes_by_mention(self, scenario: str) -> float:
        return sum(self.pricing.bytes_by_mention(step) for step, _ in self.scenarios[scenario])


def total(reads: Iterable[TableRead]) -> float:
    """Bytes of reads."""
    return sum(read.bytes for read in reads)


def is_test(read: TableRead) -> bool:
    """Whether a data test reads."""
    return read.node is not None and read.node.kind == "test"


def step_name(read: TableRead) -> str:
    """The model or test that reads."""
    return f"`{read.node.name}`" if read.node else "summary at the end"


def tested(read: TableRead) -> str:
    """The last model a test reads."""
    return f"`{read.node.parents[-1].split('.')[-1]}`"


def arithmetic(part: Part) -> str:
    """Rows × bytes a row, and of which columns."""
    columns = ", ".join(part.columns) if len(part.columns) <= 8 else f"{len(part.columns)} columns"
    return f"{millions(part.rows)} × {part.bytes_per_row:,.1f} ({columns})"


def millions(number: float) -> str:
    """A number in millions."""
    return f"{number / 1e6:,.1f} M"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A Markdown table whose first `left` columns are texts and the others numbers."""
    rule = ["---"] * left + ["--:"] * (len(head) - left)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])
