"""`python -m notifications`."""

from shared.cli import service_cli

from notifications.service import SERVICE

if __name__ == "__main__":
    service_cli(SERVICE)()
