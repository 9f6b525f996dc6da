from shared.cli import service_cli

from payments.service import SERVICE

if __name__ == "__main__":
    service_cli(SERVICE)()
