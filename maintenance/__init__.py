"""Tools of the project: each a package that runs with `python -m tools.<name>`."""
