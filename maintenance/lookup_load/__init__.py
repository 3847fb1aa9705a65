"""How fast the look-up answers, on a serving copy of a million addresses."""
