"""Copy a bounded slice of the public chain tables on BigQuery into a CHAIN_DATA directory."""
