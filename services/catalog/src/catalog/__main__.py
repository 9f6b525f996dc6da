"""`python -m catalog`."""

from shared.cli import service_cli

from catalog.service import SERVICE

if __name__ == "__main__":
    service_cli(SERVICE)()
