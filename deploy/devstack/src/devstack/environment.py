"""The environment of each process: what is embedded here, unless the launcher's own environment says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.testing.servers.postgres_files import binary

from devstack import SERVICES
from devstack.folder import RunFolder
from devstack.infrastructure import Addresses
from devstack.keys import TOKEN_ISSUERS, key_pair, make_sealing_key

# Those who put secrets into events for notifications to send, and notifications.
SEALERS = ("booking", "customers", "notifications")
# Those who keep files or read them.
ARCHIVISTS = ("booking", "payments", "notifications")
# Each process gets its own value of these; one from outside would be the same for all.
NEVER_INHERITED = {"DATABASE_URL", "PORT", "HOST", "SECRET_KEY", "OTEL_SERVICE_NAME", "RUN_DIR", "GATEWAY_PORT"}
STRIPE_SECRETS = {
    "STRIPE_SECRET_KEY": "sk_test_sandbox",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
    "STRIPE_WEBHOOK_SECRET": "whsec",
}


@dataclass(frozen=True)
class Ports:
    """Where each process listens on 127.0.0.1: `(name, role)` → port."""

    of: Mapping[tuple[str, str], int]

    def url(self, name: str, role: str = "api") -> str:
        """The `http://` address of a process."""
        return f"http://127.0.0.1:{self.of[name, role]}"


class Environments:
    """Builds the environment of every process of one stack."""

    def __init__(self, folder: RunFolder, outside: Mapping[str, str], ports: Ports) -> None:
        """`outside` is the launcher's own environment; what it sets wins."""
        self._folder = folder
        self._outside = outside
        self._ports = ports
        self._inherited = {name: value for name, value in outside.items() if name not in NEVER_INHERITED}
        self._common = self._make_common()

    def choice(self, name: str, otherwise: str) -> str:
        """The value from outside, else ours."""
        return self._outside.get(name) or otherwise

    @property
    def plain(self) -> dict[str, str]:
        """What every process inherits from outside."""
        return dict(self._inherited)

    @property
    def stripe(self) -> dict[str, str]:
        """STRIPE_API_BASE, the two keys and the webhook secret."""
        keys = {name: self.choice(name, self._stripe_secret(name)) for name in STRIPE_SECRETS}
        return {"STRIPE_API_BASE": self.choice("STRIPE_API_BASE", self._ports.url("stripe_sandbox")), **keys}

    @property
    def mailbox(self) -> str:
        """The folder of the local mailbox."""
        return self.choice("MAILBOX_DIR", str(self._folder.mailbox))

    def service(self, name: str, role: str, addresses: Addresses) -> dict[str, str]:
        """The environment of a service's process; `role` is api or worker."""
        own = {"DATABASE_URL": addresses.databases[name], "RABBITMQ_URL": addresses.brokers[name]}
        return self._process(name, role) | own | self._backups() | self._extras(name)

    def gateway(self, addresses: Addresses) -> dict[str, str]:
        """The environment of the gateway."""
        return self._process("gateway", "api") | {"REDIS_URL": addresses.redis}

    def sandbox(self) -> dict[str, str]:
        """The environment of the Stripe sandbox."""
        webhook = f"{self._ports.url('gateway')}/api/payments/webhooks/stripe/"
        data = str(self._folder.path / "stripe")
        return self._tool("stripe_sandbox") | self.stripe | {"STRIPE_WEBHOOK_URL": webhook, "STRIPE_SANDBOX_DATA": data}

    def mailbox_page(self) -> dict[str, str]:
        """The environment of the mailbox page."""
        return self._tool("mailbox") | {"MAILBOX_DIR": self.mailbox}

    def _tool(self, name: str) -> dict[str, str]:
        return self._inherited | {"HOST": "127.0.0.1", "PORT": str(self._ports.of[name, "api"])}

    def _process(self, name: str, role: str) -> dict[str, str]:
        values = self._inherited | self._common
        values |= {"PORT": str(self._ports.of[name, role]), "SECRET_KEY": self._folder.secret(f"{name} secret key")}
        if name in TOKEN_ISSUERS:
            values["IDENTITY_PRIVATE_KEY"] = key_pair(self._folder, name)[0]
        if name in SEALERS:
            values["SEALING_KEY"] = self.choice("SEALING_KEY", self._folder.secret("sealing key", make_sealing_key))
        if name in ARCHIVISTS:
            values["DOCUMENTS_DIR"] = self.choice("DOCUMENTS_DIR", str(self._folder.documents))
        return values

    def _backups(self) -> dict[str, str]:
        return {
            "BACKUP_DIR": self.choice("BACKUP_DIR", str(self._folder.backups)),
            "POSTGRES_BIN": self.choice("POSTGRES_BIN", str(binary("pg_dump").parent)),
        }

    def _extras(self, name: str) -> dict[str, str]:
        if name == "payments":
            return self.stripe
        if name == "notifications":
            return {
                "MAILBOX_DIR": self.mailbox,
                "EMAIL_BACKEND": self.choice("EMAIL_BACKEND", "mailbox"),
                "SMS_BACKEND": self.choice("SMS_BACKEND", "mailbox"),
                "OFFICE_EMAIL": self.choice("OFFICE_EMAIL", "office@totetaxi.test"),
                "DEFAULT_FROM_EMAIL": self.choice("DEFAULT_FROM_EMAIL", "Tote Taxi <noreply@totetaxi.test>"),
            }
        return {}

    def _make_common(self) -> dict[str, str]:
        gateway = self._ports.url("gateway")
        publics = ",".join(f"{issuer}={key_pair(self._folder, issuer)[1]}" for issuer in TOKEN_ISSUERS)
        upstreams = {f"{service.upper()}_URL": self._ports.url(service) for service in SERVICES}
        return upstreams | {
            "GATEWAY_URL": gateway,
            "DEBUG": self.choice("DEBUG", "true"),
            "HOST": "127.0.0.1",
            "IDENTITY_PUBLIC_KEYS": publics,
            "PUBLIC_SITE_URL": self.choice("PUBLIC_SITE_URL", gateway),
            "BUSINESS_TIMEZONE": self.choice("BUSINESS_TIMEZONE", "America/New_York"),
        }

    def _stripe_secret(self, name: str) -> str:
        prefix = STRIPE_SECRETS[name]
        return f"{prefix}_{self._folder.secret(f'stripe {prefix}').replace('-', '').replace('_', '')}"
