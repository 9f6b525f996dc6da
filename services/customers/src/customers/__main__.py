"""`python -m customers api | worker | migrate | staff create | …`."""

from shared.cli import service_cli

from customers.service import SERVICE

if __name__ == "__main__":
    service_cli(SERVICE)()
