"""The serving copy: one DuckDB file that BI tools and the look-up read."""
