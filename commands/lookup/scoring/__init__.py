"""Scores computed on request, by the project's own compiled SQL over the serving copy."""
