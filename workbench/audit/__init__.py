"""Proof of what was recorded: canonical JSON, a Merkle tree over it, signed checkpoints."""
