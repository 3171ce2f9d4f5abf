"""The verbs, on the real storage adapter."""
