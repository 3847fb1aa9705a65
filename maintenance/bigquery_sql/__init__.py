"""The SQL that dbt sends to BigQuery, and Google's analyser for it, without an account."""
