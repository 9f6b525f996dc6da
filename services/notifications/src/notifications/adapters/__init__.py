"""The database of notifications, and the ways out of the house."""
