"""The wires, each held to the contract of its socket beside the fake that stands for it elsewhere."""
