"""One contract for both stores of files, and what each does beside it."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer
from shared.errors import NotFound
from shared.s3 import S3Storage
from shared.settings import ServiceSettings
from shared.storage import FolderStorage, Missing, Storage, StorageDown, attachment
from shared.stores import StorageSettings, storage_from

KEY = "documents/0190/file.pdf"
ADDRESS = "http://site.test/api/bookings/documents/"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def s3(aws: str) -> S3Storage:
    client: Any = boto3.client("s3", region_name="us-east-1", endpoint_url=aws)
    client.create_bucket(Bucket="files")
    return S3Storage("files", "us-east-1", aws)


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "files", "secret", ADDRESS, Clock())


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest) -> Storage:
    found: Storage = request.getfixturevalue(request.param)
    return found


async def test_what_was_put_is_there_until_it_is_deleted(storage: Storage) -> None:
    await storage.put(KEY, b"first", "application/pdf")
    await storage.put(KEY, b"second", "application/pdf")
    assert await storage.get(KEY) == b"second"
    await storage.delete(KEY)
    await storage.delete(KEY)
    with pytest.raises(Missing):
        await storage.get(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../up.pdf",
        "a/../../up",
        "a//b",
        "a/./b",
        "a\\b",
        ".hidden",
        "a/.b",
        "a\0b",
        "a/",
        "ä",
        "x" * 201,
    ],
)
async def test_a_key_that_is_not_ours_is_refused(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        await storage.put(key, b"x", "text/plain")
    with pytest.raises(ValueError, match="not a key"):
        await storage.get(key)
    with pytest.raises(ValueError, match="not a key"):
        await storage.delete(key)
    with pytest.raises(ValueError, match="not a key"):
        await storage.link(key, 60, "x")


async def test_readers_never_see_half_a_file(storage: Storage) -> None:
    contents = [bytes([letter]) * 300_000 for letter in b"abcd"]
    await storage.put(KEY, contents[0], "text/plain")
    writes = [storage.put(KEY, content, "text/plain") for content in contents]
    seen = await asyncio.gather(*writes, *(storage.get(KEY) for _ in range(8)))
    assert {content for content in seen if content} <= set(contents)


async def test_a_link_to_the_bucket_downloads_the_file(s3: S3Storage) -> None:
    await s3.put(KEY, b"%PDF-", "application/pdf")
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.get(await s3.link(KEY, 9_000, "Größe.pdf"))
    assert (answer.content, answer.headers["content-type"]) == (b"%PDF-", "application/pdf")
    assert answer.headers["content-disposition"] == attachment("Größe.pdf")


async def test_a_link_lives_five_minutes_at_most(s3: S3Storage, folder: FolderStorage) -> None:
    presigned = parse_qs(urlsplit(await s3.link(KEY, 9_000, "x.pdf")).query)
    ours = parse_qs(urlsplit(await folder.link(KEY, 9_000, "x.pdf")).query)
    assert (presigned["X-Amz-Expires"], ours["expires"]) == (["300"], ["1000300"])


async def test_a_bucket_that_does_not_answer_is_a_moment_s_trouble() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        storage = S3Storage("files", "us-east-1", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(StorageDown):
            await storage.put(KEY, b"x", "text/plain")


async def test_a_bucket_that_is_not_there_is_no_missing_file(aws: str) -> None:
    with pytest.raises(StorageDown):
        await S3Storage("other-files", "us-east-1", aws).get(KEY)


def parts(link: str) -> dict[str, Any]:
    url = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    return {**query, "expires": int(query["expires"])}


async def test_a_link_to_the_folder_names_its_file_until_it_is_over(folder: FolderStorage) -> None:
    link = await folder.link(KEY, 60, "Größe.pdf")
    assert link.startswith(ADDRESS)
    assert folder.linked(**parts(link)) == KEY
    folder._now.now += 61  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        folder.linked(**parts(link))


@pytest.mark.parametrize(
    "change",
    [{"key": "documents/0190/other.pdf"}, {"key": "../up"}, {"key": ""}, {"expires": 1_000_061}, {"filename": "y.pdf"}]
    + [{"signature": wrong} for wrong in ("", "0" * 64, "ä")],
)
async def test_a_forged_link_names_nothing(folder: FolderStorage, change: dict[str, Any]) -> None:
    genuine = parts(await folder.link(KEY, 60, "x.pdf"))
    with pytest.raises(NotFound):
        folder.linked(**{**genuine, **change})


async def test_another_secret_signs_other_links(folder: FolderStorage, tmp_path: Path) -> None:
    theirs = FolderStorage(tmp_path, "another secret", ADDRESS, Clock())
    with pytest.raises(NotFound):
        folder.linked(**parts(await theirs.link(KEY, 60, "x.pdf")))


async def test_a_folder_that_can_not_be_written_is_a_moment_s_trouble(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    storage = FolderStorage(tmp_path / "files", "secret", ADDRESS)
    with pytest.raises(StorageDown):
        await storage.put(KEY, b"x", "text/plain")
    with pytest.raises(Missing):
        await storage.get(KEY)


def test_a_bucket_takes_the_place_of_the_folder(tmp_path: Path) -> None:
    settings = StorageSettings(debug=True, documents_dir=tmp_path)
    assert isinstance(storage_from(settings), FolderStorage)
    assert isinstance(storage_from(settings.model_copy(update={"aws_storage_bucket_name": "files"})), S3Storage)


def test_production_needs_a_bucket() -> None:
    assert len(StorageSettings(debug=True).unsafe()) == len(ServiceSettings(debug=True).unsafe()) + 1


def test_a_file_name_can_not_break_out_of_its_header() -> None:
    assert (
        attachment('a"\r\nX: y.pdf') == "attachment; filename=\"a___X_ y.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%20y.pdf"
    )


async def test_a_folder_that_can_not_be_reached_is_down_for_every_deed(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    folder = FolderStorage(loop, "secret", ADDRESS, Clock())
    for deed in (folder.put(KEY, b"x", "text/plain"), folder.get(KEY), folder.delete(KEY)):
        with pytest.raises(StorageDown):
            await deed


async def test_where_a_folder_or_a_file_stands_in_the_way_there_is_nothing_to_delete(folder: FolderStorage) -> None:
    await folder.put("a/b.txt", b"x", "text/plain")
    for key in ("a", "a/b.txt/c"):
        await folder.delete(key)
    assert await folder.get("a/b.txt") == b"x"
