"""One self-contained HTML page that shows what the marts hold."""
