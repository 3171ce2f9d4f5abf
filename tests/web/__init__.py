"""The craft of the web: what comes in, read."""
