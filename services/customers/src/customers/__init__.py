"""Accounts of customers and staff, profiles, statistics, and the staff audit log."""
