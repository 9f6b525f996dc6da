"""The use cases of the customers service."""
