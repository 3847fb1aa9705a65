"""Price of BigQuery builds, from the columns and partitions their queries read."""
