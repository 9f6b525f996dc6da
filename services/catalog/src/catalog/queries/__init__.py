"""Reads of the catalogue for staff."""
