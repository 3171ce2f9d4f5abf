"""The verbs: one use case per file, each readable top to bottom."""
