"""Scam models: the labelled data, how well the champion finds scams, what its scores say."""
