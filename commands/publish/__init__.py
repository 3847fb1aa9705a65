"""The serving copies: a DuckDB file for BI tools, and one for the look-up."""
