"""Engines: frozen plans in, distributions out; they never see a scenario."""
