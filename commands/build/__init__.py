"""`dbt build` for people: a progress line, problems in one sentence, details in a log file."""
