"""Request limits, exact over all gateway processes."""
