"""Reads any export of chain tables and labels without guessing, and says what it reads."""
