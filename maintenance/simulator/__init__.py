"""Chain simulator: simulated tables in the shape of the public crypto_ethereum data set."""
