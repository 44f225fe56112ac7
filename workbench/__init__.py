"""Quantify risk: state beliefs, simulate a year, read what it may cost."""

__version__ = "0.1.0"
