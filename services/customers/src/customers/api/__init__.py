"""The HTTP interface of the customers service."""
