"""The feature dictionary in Polars: the comparison the benchmark runs beside the project.

Written to be fast: addresses become integers once, then a few small aggregates (each side,
counterparties, gaps, hours) are joined by the streaming engine. Exact in the same places as the
project: wei are summed as integers. It reads accepted transactions, one row per hash; unlike the
project it neither validates nor deduplicates.
"""

from datetime import datetime

import polars as pl

WEI = pl.Decimal(38, 0)


def window_features(
    transactions: pl.LazyFrame, window_start: datetime, window_end: datetime
) -> pl.DataFrame:
    """Dictionary columns of every address with an event in `window_start <= time < window_end`.

    `transactions` has the columns and types of the public table: from_address, to_address
    (null for a creation), value (wei, decimal), gas, gas_price, receipt_status, block_timestamp
    (UTC). Amounts come out in wei as doubles, times in seconds since the window's first
    transaction.
    """
    address_type = pl.Categorical(pl.Categories.random())
    is_failed = pl.col("receipt_status").eq_missing(0)
    # Collected, because a lazy query would read the file again for every part.
    transfers = (
        transactions.filter(
            pl.col("block_timestamp") >= window_start, pl.col("block_timestamp") < window_end
        )
        .select(
            sender=pl.col("from_address").cast(address_type),
            receiver=pl.col("to_address").cast(address_type),
            value=pl.when(is_failed).then(pl.lit(0, WEI)).otherwise(pl.col("value").cast(WEI)),
            time=pl.col("block_timestamp").dt.epoch("s"),
            gas=pl.col("gas").cast(pl.Int64),
            gas_price=pl.col("gas_price").cast(pl.Int128),
        )
        .collect(engine="streaming")
    )
    bounds = transfers.lazy().select(origin=pl.col("time").min(), data_end=pl.col("time").max())
    sent = transfers.lazy().with_columns(pl.col("sender", "receiver").to_physical())
    received = sent.filter(pl.col("receiver").is_not_null())
    counterparties = received.select("sender", "receiver").unique()
    by_time = pl.concat(
        [sent.select("time", address="sender"), received.select("time", address="receiver")]
    ).sort("address", "time")

    parts = [
        _side(received, "receiver", "incoming"),
        _side(sent, "sender", "outgoing"),
        counterparties.group_by(address="receiver").agg(unique_in_degree=pl.len()),
        counterparties.group_by(address="sender").agg(unique_out_degree=pl.len()),
        _gaps(by_time),
    ]
    joined = _activity(by_time)
    for part in parts:
        joined = joined.join(part, on="address", how="left")
    return (
        joined.join(bounds, how="cross")
        .select(address=pl.col("address").cat.to(address_type).cast(pl.String), **_dictionary())
        .collect(engine="streaming")
    )


def _side(transfers: pl.LazyFrame, address: str, side: str) -> pl.LazyFrame:
    """Counts, sums and extremes of the incoming or outgoing events of each address."""
    return (
        transfers.group_by(address=address)
        .agg(
            pl.len().alias(f"n_{side}"),
            pl.col("value").sum().alias(f"total_{side}"),
            pl.col("value").max().alias(f"max_{side}"),
            pl.col("value").min().alias(f"min_{side}"),
            pl.col("time").sum().alias(f"time_{side}"),
            pl.col("gas").sum().alias(f"gas_{side}"),
            pl.col("gas").count().alias(f"gas_n_{side}"),
            pl.col("gas_price").sum().alias(f"gas_price_{side}"),
            pl.col("gas_price").count().alias(f"gas_price_n_{side}"),
        )
        .with_columns(pl.col(f"total_{side}", f"max_{side}", f"min_{side}").cast(pl.Float64))
    )


def _gaps(by_time: pl.LazyFrame) -> pl.LazyFrame:
    """Largest, smallest and median seconds between consecutive events of each address."""
    return (
        by_time.select(
            "address",
            gap=pl.col("time").diff(),
            is_same_address=pl.col("address") == pl.col("address").shift(),
        )
        .filter("is_same_address")
        .group_by("address")
        .agg(
            max_gap=pl.col("gap").max(),
            min_gap=pl.col("gap").min(),
            median_gap=pl.col("gap").median(),
        )
    )


def _activity(by_time: pl.LazyFrame) -> pl.LazyFrame:
    """First and last event, sum of hours and the entropy of the hours in bits, by address."""
    return (
        by_time.group_by("address", hour=pl.col("time") // 3_600 % 24)
        .agg(n=pl.len(), first=pl.col("time").min(), last=pl.col("time").max())
        .group_by("address")
        .agg(
            n=pl.col("n").sum(),
            first=pl.col("first").min(),
            last=pl.col("last").max(),
            hours=(pl.col("hour") * pl.col("n")).sum(),
            n_log_n=(pl.col("n") * pl.col("n").log(2)).sum(),
        )
    )


def _dictionary() -> dict[str, pl.Expr]:
    """Dictionary columns from the joined parts, where a side without events is null."""
    n, n_in, n_out = pl.col("n"), _or_zero("n_incoming"), _or_zero("n_outgoing")
    active = (pl.col("last") - pl.col("first")).cast(pl.Float64)
    max_gap, median_gap = _or_zero("max_gap").cast(pl.Float64), pl.col("median_gap")
    return {
        "in_degree": n_in,
        "out_degree": n_out,
        "unique_in_degree": _or_zero("unique_in_degree"),
        "unique_out_degree": _or_zero("unique_out_degree"),
        **_amounts("incoming"),
        **_amounts("outgoing"),
        "avg_time_incoming": _mean_time("incoming"),
        "avg_time_outgoing": _mean_time("outgoing"),
        "total_tx_time": active,
        "active_duration": active,
        "mean_time_interval": pl.when(n > 1).then(active / (n - 1)).otherwise(0.0),
        "max_time_interval": max_gap,
        "min_time_interval": _or_zero("min_gap").cast(pl.Float64),
        "burstiness": pl.when(n <= 2)
        .then(0.0)
        .when(median_gap == 0)
        .then(max_gap)
        .otherwise(max_gap / median_gap),
        "tx_count": n,
        "activity_density": n / (active + 1),
        "incoming_count": n_in,
        "outgoing_count": n_out,
        "in_out_ratio": (n_in + 1) / (n_out + 1),
        "hour_mean": pl.col("hours") / n,
        "hour_entropy": n.log(2) - pl.col("n_log_n") / n,
        "last_seen": (pl.col("last") - pl.col("origin")).cast(pl.Float64),
        "recency": (pl.col("data_end") - pl.col("last")).cast(pl.Float64),
        "avg_gas_price": _mean_of_known("gas_price"),
        "avg_gas_limit": _mean_of_known("gas"),
    }


def _amounts(side: str) -> dict[str, pl.Expr]:
    """Mean, total, largest and smallest wei of one side; 0 where it has no events."""
    return {
        f"avg_amount_{side}": (pl.col(f"total_{side}") / pl.col(f"n_{side}")).fill_null(0.0),
        f"total_amount_{side}": _or_zero(f"total_{side}"),
        f"max_amount_{side}": _or_zero(f"max_{side}"),
        f"min_amount_{side}": _or_zero(f"min_{side}"),
    }


def _mean_time(side: str) -> pl.Expr:
    """Mean seconds since the origin of one side's events; 0 where it has none."""
    n = pl.col(f"n_{side}").cast(pl.Int64)
    return ((pl.col(f"time_{side}") - n * pl.col("origin")) / n).fill_null(0.0)


def _mean_of_known(column: str) -> pl.Expr:
    """Mean over both sides' events with a known value; null where there is none."""
    total = _or_zero(f"{column}_incoming") + _or_zero(f"{column}_outgoing")
    n = _or_zero(f"{column}_n_incoming") + _or_zero(f"{column}_n_outgoing")
    return pl.when(n > 0).then(total.cast(pl.Float64) / n)


def _or_zero(column: str) -> pl.Expr:
    return pl.col(column).fill_null(0)
