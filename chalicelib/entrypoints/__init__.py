"""The doors: each translates what comes in and calls one flow or one query."""
