"""Seeded bugs: every guard of the product taken out in turn, to see that it is noticed, and by what."""
