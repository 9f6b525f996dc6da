"""Reads: rows for answers."""
