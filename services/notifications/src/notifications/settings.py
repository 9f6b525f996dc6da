"""The settings of notifications."""

from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from shared.settings import SealingSettings
from shared.storage import StorageSettings


class Settings(SealingSettings, StorageSettings):
    """Where messages go, and who they come from."""

    email_backend: Literal["mailbox", "ses"] = Field(
        "mailbox", description="Where e-mail goes: `mailbox`, a local folder, or `ses`."
    )
    mailbox_dir: Path = Field(Path(".run/mailbox"), description="Folder of the local mailbox.")
    default_from_email: str = Field("Tote Taxi <noreply@totetaxi.test>", description="Sender of e-mail.")
    aws_ses_region_name: str = Field("us-east-1", description="Region of SES.")

    @field_validator("default_from_email")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        name, address = parseaddr(value)
        try:
            Address(name, addr_spec=address)
        except (ValueError, IndexError):
            raise ValueError("must be an address such as Tote Taxi <hello@example.com>") from None
        if "@" not in address:
            raise ValueError("must be an address such as Tote Taxi <hello@example.com>")
        return value

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        local = self.email_backend == "mailbox"
        return [*super().unsafe(), *(["EMAIL_BACKEND=mailbox sends nothing; set it to ses."] if local else [])]
