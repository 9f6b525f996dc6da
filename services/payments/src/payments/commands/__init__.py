"""The use cases: each one file, one frozen command and its handler."""
