"""Tools of those who maintain the project: how it is built, what it costs, whether it holds."""
