"""The public door of the system."""
