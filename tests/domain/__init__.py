"""The nouns and their rules, as plain objects."""
