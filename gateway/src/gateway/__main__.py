"""`python -m gateway api`."""

from gateway.cli import app

app()
