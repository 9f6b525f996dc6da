"""The settings of notifications."""

from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from shared.settings import SealingSettings
from shared.stores import StorageSettings

_DEVELOPMENT_OFFICE = "office@totetaxi.test"


class Settings(SealingSettings, StorageSettings):
    """Where messages go, and who they come from."""

    email_backend: Literal["mailbox", "ses", "smtp"] = Field(
        "mailbox", description="Where e-mail goes: `mailbox`, a local folder, or `ses`, or `smtp`."
    )
    sms_backend: Literal["mailbox", "sns"] = Field(
        "mailbox", description="Where SMS goes: `mailbox`, a local folder, or `sns`."
    )
    mailbox_dir: Path = Field(Path(".run/mailbox"), description="Folder of the local mailbox.")
    default_from_email: str = Field("Tote Taxi <noreply@totetaxi.test>", description="Sender of e-mail.")
    office_email: str = Field(_DEVELOPMENT_OFFICE, description="Address of the office, for messages to staff.")
    receipt_patience_seconds: int = Field(
        30, ge=0, le=600, description="How long a confirmation waits for its receipt before it goes without."
    )
    email_host: str = Field("127.0.0.1", description="Mail server of `smtp`.")
    email_port: int = Field(25, ge=1, le=65535, description="Its port.")
    email_host_user: str = Field("", description="Login at the mail server; none when empty.")
    email_host_password: str = Field("", description="Password of that login.")
    email_use_tls: bool = Field(False, description="Encrypt after the mail server's greeting (STARTTLS).")
    email_use_ssl: bool = Field(False, description="Encrypt from the start.")
    email_timeout: float = Field(
        7.0, gt=0, le=10, description="Seconds for a whole conversation with the mail server; more than 7 count as 7."
    )
    aws_ses_region_name: str = Field("us-east-1", description="Region of SES.")
    aws_ses_configuration_set: str = Field("", description="Configuration set of SES that tells of bounces.")
    aws_sns_region_name: str = Field("us-east-1", description="Region of SNS.")
    aws_sns_sender_id: str = Field("", description="Sender that phones show, in countries that allow one.")
    aws_sns_topic_arns: str = Field(
        "", description="Topics whose notifications of bounces, complaints and SMS are believed, comma-separated."
    )
    sns_certificate_file: str = Field(
        "", description="Certificate that SNS notifications are checked with instead of Amazon's, for a local stand-in."
    )

    @field_validator("default_from_email", "office_email")
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

    @model_validator(mode="after")
    def _one_encryption(self) -> Self:
        if self.email_use_tls and self.email_use_ssl:
            raise ValueError("Only one of EMAIL_USE_TLS and EMAIL_USE_SSL can be set.")
        return self

    @property
    def topics(self) -> frozenset[str]:
        """The topics that are believed."""
        return frozenset(filter(None, (topic.strip() for topic in self.aws_sns_topic_arns.split(","))))

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        problems = {
            "EMAIL_BACKEND=mailbox sends nothing; set it to ses or smtp.": self.email_backend == "mailbox",
            "SMS_BACKEND=mailbox sends nothing; set it to sns.": self.sms_backend == "mailbox",
            "OFFICE_EMAIL must be the address of the office.": self.office_email == _DEVELOPMENT_OFFICE,
            "SNS_CERTIFICATE_FILE is for development; Amazon's certificates are fetched.": bool(
                self.sns_certificate_file
            ),
        }
        return [*super().unsafe(), *(sentence for sentence, wrong in problems.items() if wrong)]
