"""Structural measures of the project, at an earlier revision and now."""
