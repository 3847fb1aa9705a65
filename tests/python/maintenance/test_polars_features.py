"""The benchmark's Polars features are the dictionary: equal to the oracle on generated chains."""

from decimal import Decimal

import pandas as pd
import polars as pl
from hypothesis import given, settings

from maintenance.benchmark import polars_features
from support.oracle import compare, deduplicate, window_features
from support.strategies import Case, cases

SCHEMA = {
    "from_address": pl.String,
    "to_address": pl.String,
    "value": pl.Decimal(38, 0),
    "gas": pl.Int64,
    "gas_price": pl.Int64,
    "receipt_status": pl.Int64,
    "block_timestamp": pl.Datetime("us"),
}


@settings(max_examples=60, deadline=None)
@given(cases())
def test_polars_features_equal_the_oracle(case: Case):
    accepted = deduplicate(case.transactions)
    columns = {name: accepted[name].tolist() for name in SCHEMA}
    columns["value"] = [Decimal(value) for value in columns["value"]]
    table = polars_features.window_features(
        pl.LazyFrame(columns, schema=SCHEMA), case.window_start, case.window_end
    )
    actual = pd.DataFrame(table.to_dict(as_series=False))
    compare(actual, window_features(accepted, case.window_start, case.window_end))
