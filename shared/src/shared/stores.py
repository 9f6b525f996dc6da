"""Which store of files a service uses, as its settings say."""

from pathlib import Path

from pydantic import Field

from shared.settings import ServiceSettings
from shared.storage import FolderStorage, Storage


class StorageSettings(ServiceSettings):
    """For services that keep or read files; all of them use the same store."""

    documents_dir: Path = Field(Path(".run/documents"), description="Folder of files, while there is no bucket.")
    aws_storage_bucket_name: str = Field("", description="Bucket of files, which takes the place of the folder.")
    aws_s3_region_name: str = Field("us-east-1", description="Region of the bucket.")
    aws_endpoint_url: str = Field("", description="Other address of AWS, such as that of a local stand-in.")

    def unsafe(self) -> list[str]:
        """Sentences about settings that must not be used outside development."""
        sentence = "AWS_STORAGE_BUCKET_NAME must name the bucket of files; a folder is for one machine only."
        return [*super().unsafe(), *([] if self.aws_storage_bucket_name else [sentence])]


def storage_from(settings: StorageSettings, route: str = "/api/bookings/documents/") -> Storage:
    """The store that the settings name; `route` is where this service answers the links of a folder, host left out.

    The library of AWS is loaded only where it is used, since it takes some 30 MB of memory.
    """
    if not settings.aws_storage_bucket_name:
        return FolderStorage(settings.documents_dir, settings.secret_key, route)
    from shared.s3 import S3Storage

    return S3Storage(settings.aws_storage_bucket_name, settings.aws_s3_region_name, settings.aws_endpoint_url)
