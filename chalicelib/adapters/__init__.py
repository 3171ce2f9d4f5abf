"""The wires: one outside service each, the only importers of its SDK."""
