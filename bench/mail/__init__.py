"""How fast an issue goes, what a copy costs, and whether a ticket gets through in the middle of it."""
