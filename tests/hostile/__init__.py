"""Hostile requests against every public door, made by hypothesis: nothing breaks, nothing changes, nothing leaks."""
