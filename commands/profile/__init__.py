"""Where the seconds of the last build went."""
