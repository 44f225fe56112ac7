"""Formats of other programs: what is read of them, and what is written for them."""
