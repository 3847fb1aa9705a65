"""Investor profiles: who is clustered, how the clustering was chosen, what came out."""
