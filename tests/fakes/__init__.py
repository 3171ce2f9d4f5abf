"""Working fakes, each held to the same contract as the adapter it stands for."""
