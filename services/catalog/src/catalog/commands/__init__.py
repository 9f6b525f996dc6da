"""The use cases of the catalogue, one a file."""
