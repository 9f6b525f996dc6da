"""The routes: parse, call, present."""
