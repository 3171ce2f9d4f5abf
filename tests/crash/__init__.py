"""The journey under every single fault: nothing lost, nothing doubled."""
