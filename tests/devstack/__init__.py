"""The stand-ins of the development stack, each held to the real service it replaces."""
