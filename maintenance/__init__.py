"""For those who maintain the project: simulator, benchmark, cost, SQL analysis, structure."""
