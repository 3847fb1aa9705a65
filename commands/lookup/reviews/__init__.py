"""Reviews: what analysts found about addresses, kept for good."""
