"""Runs the whole system on one machine."""
