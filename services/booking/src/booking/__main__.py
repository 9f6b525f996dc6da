"""`python -m booking api | worker | migrate | …`."""

from shared.cli import service_cli

from booking.service import SERVICE

if __name__ == "__main__":
    service_cli(SERVICE)()
