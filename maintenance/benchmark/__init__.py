"""Time and memory of the feature dictionary against a floor and against Polars."""
