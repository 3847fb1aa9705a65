"""Print the marginal distributions of transaction tables side by side, as a Markdown table.

`python -m maintenance.simulator.marginals name=path[@start:rows] …`, where a path is a directory
with `transactions.parquet` or a Parquet, CSV or JSON file with crypto_ethereum columns, and
`@2017-03-06:20000` takes that many consecutive transactions from that day on.
"""

import argparse
from pathlib import Path

import duckdb

_TRANSACTIONS = """
create or replace temp table sides as
with
read as (
    select
        lower(from_address) as sender,
        nullif(lower(to_address), '') as recipient,
        cast(value as double) / 1e18 as eth,
        {time} as unix
    from '{path}'
)
select * from read where unix >= {start} order by unix limit {rows}
"""

_ADDRESSES = """
create or replace temp table degrees as
select address, count(*) as degree
from (
    select sender as address from sides
    union all
    select recipient from sides where recipient is not null
)
group by address
"""

# Hill's estimator over the top 1 %: exponent of P(degree > x) ~ x^-exponent.
_MEASURES = {
    "transactions": "select format('{:,}', count(*)) from sides",
    "first": "select strftime(make_timestamp(min(unix) * 1000000), '%Y-%m-%d %H:%M') from sides",
    "last": "select strftime(make_timestamp(max(unix) * 1000000), '%Y-%m-%d %H:%M') from sides",
    "addresses": "select format('{:,}', count(*)) from degrees",
    "transactions per address": (
        "select (select count(*) from sides) / (select count(*) from degrees)"
    ),
    "addresses with one transaction": "select avg(cast(degree = 1 as int)) from degrees",
    "degree, median": "select quantile_disc(degree, 0.5) from degrees",
    "degree, 90 %": "select quantile_disc(degree, 0.9) from degrees",
    "degree, 99 %": "select quantile_disc(degree, 0.99) from degrees",
    "degree, 99.9 %": "select quantile_disc(degree, 0.999) from degrees",
    "share of sides held by the top 0.1 %": """
        select sum(degree) filter (degree >= edge) / sum(degree)
        from degrees, (select quantile_disc(degree, 0.999) as edge from degrees)
    """,
    "tail exponent (Hill, top 1 %)": """
        select count(*) / sum(ln(degree / edge))
        from degrees, (select quantile_disc(degree, 0.99) as edge from degrees)
        where degree > edge
    """,
    "zero value": "select avg(cast(eth = 0 as int)) from sides",
    "round value (at most 2 decimals), of values > 0": """
        select avg(cast(abs(eth * 100 - round(eth * 100)) < 1e-7 as int)) from sides where eth > 0
    """,
    **{
        f"value > 0, {share * 100:g} % quantile, ETH": (
            f"select quantile_cont(eth, {share}) from sides where eth > 0"
        )
        for share in (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    },
    "creations": "select avg(cast(recipient is null as int)) from sides",
    "self-transfers": "select avg(cast(coalesce(sender = recipient, false) as int)) from sides",
    "hour entropy, bits (at most 4.585)": """
        select -sum(share * log2(share))
        from (
            select count(*) / sum(count(*)) over () as share
            from sides group by unix // 3600 % 24
        )
    """,
    "busiest hour / quietest hour": """
        select max(number) / min(number)
        from (select count(*) as number from sides group by unix // 3600 % 24)
    """,
}


def measure(location: str) -> dict[str, str]:
    """Return the measures of `path[@start:rows]` by name, as text."""
    path_text, _, part = location.partition("@")
    start, _, rows = part.partition(":")
    path = Path(path_text)
    if path.is_dir():
        path = path / "transactions.parquet"
    if not path.exists():
        raise FileNotFoundError(f"no transactions at {path}")
    with duckdb.connect() as connection:
        columns = {
            name: kind
            for name, kind, *_ in connection.sql(f"describe select * from '{path}'").fetchall()
        }
        is_time = columns["block_timestamp"].startswith("TIMESTAMP")
        connection.execute(
            _TRANSACTIONS.format(
                path=path,
                time="epoch_us(block_timestamp) // 1000000"
                if is_time
                else "cast(block_timestamp as bigint)",
                start=f"epoch(timestamp '{start}')" if start else 0,
                rows=rows or 10**12,
            )
        )
        connection.execute(_ADDRESSES)
        return {
            name: _text(connection.sql(query).fetchone()[0]) for name, query in _MEASURES.items()
        }


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)


def main() -> None:
    """Measure every table named on the command line and print them side by side."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.simulator.marginals",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("tables", nargs="+", metavar="name=path[@start:rows]")
    named = [table.partition("=") for table in parser.parse_args().tables]
    results = {name: measure(location) for name, _, location in named}
    print("| | " + " | ".join(results) + " |")
    print("|---|" + "---:|" * len(results))
    for row in _MEASURES:
        print(f"| {row} | " + " | ".join(result[row] for result in results.values()) + " |")


if __name__ == "__main__":
    main()
