"""What one can register for: TOML seeds, data only."""
