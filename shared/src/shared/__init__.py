"""Machinery that every service stands on."""
