"""Benches: each measures one thing on this machine, and says whether it is as promised."""
