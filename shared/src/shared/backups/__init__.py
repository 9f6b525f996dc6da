"""Backups of a service's database: made each day, kept for a month, and put back by the command line."""
