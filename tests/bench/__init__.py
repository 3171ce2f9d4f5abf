"""The benches that must not lie."""
