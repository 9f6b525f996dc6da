"""The rules of the catalogue, without any framework."""
