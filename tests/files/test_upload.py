"""Uploads as phones send them and as attackers do (SEC7), over HTTP, against the running service."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select

from gridloom.app import Web, assemble
from gridloom.cases.models import AttachmentRow
from gridloom.config import Settings
from gridloom.http.budget import Budget
from gridloom.runtime import Service
from tests.files import samples
from tests.files.conftest import SignIn
from tests.files.person import Person
from tests.support.county import County
from tests.support.web import serving


def stored(settings: Settings) -> set[Path]:
    """Everything that lies in the store, drafts included."""
    return {path for path in settings.files_dir.rglob("*") if path.is_file()}


async def test_a_photograph_is_kept_without_what_it_told(member: Person, settings: Settings) -> None:
    before = stored(settings)
    sent = samples.telling_jpeg()
    assert b"SecretCamera" in sent
    answer = await member.send(sent, "IMG_2041.JPG")
    assert answer.status_code == 201
    told = answer.json()
    got = await member.http.get(told["url"])
    assert (got.status_code, got.headers["content-type"], len(got.content)) == (200, "image/jpeg", told["bytes"])
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"] == "inline; filename*=UTF-8''IMG_2041.jpg"
    assert told == {
        "id": told["id"], "name": "IMG_2041.jpg", "mediaType": "image/jpeg", "bytes": len(got.content),
        "url": f"/files/{member.county.code}.{told['id']}", "thumbnailUrl": f"/files/{member.county.code}.{told['id']}/small",
    }
    picture = Image.open(io.BytesIO(got.content))
    assert (picture.size, dict(picture.getexif()), picture.info.get("exif")) == ((320, 640), {}, None)  # turned upright
    small = await member.http.get(told["thumbnailUrl"])
    assert max(Image.open(io.BytesIO(small.content)).size) == 360
    new = stored(settings) - before
    assert {path.suffix for path in new} == {".main", ".small"}
    for path in new:
        lying = path.read_bytes()
        assert b"JFIF" not in lying
        assert b"IMG_2041" not in lying
        assert told["id"] not in str(path)


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
async def test_pictures_of_other_kinds_become_jpeg(member: Person, form: str) -> None:
    answer = await member.send(samples.encoded(samples.scene(4), form), f"图.{form.lower()}")
    assert (answer.status_code, answer.json()["mediaType"], answer.json()["name"]) == (201, "image/jpeg", "图.jpg")


@pytest.mark.parametrize(("data", "media_type", "name"), [
    (samples.pdf(), "application/pdf", "调解协议.pdf"), (samples.webm(), "audio/webm", "调解协议.webm"),
    (samples.ogg(), "audio/ogg", "调解协议.ogg"), (samples.m4a(), "audio/mp4", "调解协议.m4a"),
    (samples.mp3(), "audio/mpeg", "调解协议.mp3"),
])
async def test_documents_and_recordings_are_kept_as_they_came(
    member: Person, data: bytes, media_type: str, name: str
) -> None:
    told = (await member.send(data, "调解协议.jpg")).json()
    assert (told["mediaType"], told["name"], told["bytes"], told["thumbnailUrl"]) == (media_type, name, len(data), None)
    got = await member.http.get(told["url"])
    assert (got.content, got.headers["content-type"]) == (data, media_type)
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert (await member.http.get(told["url"] + "/small")).status_code == 404


@pytest.mark.parametrize(("data", "name", "status", "message"), [
    (b"", "a.jpg", 400, "文件是空的"),
    (samples.SVG, "a.jpg", 415, "不接受这种文件"),
    (samples.PAGE, "a.jpg", 415, "不接受这种文件"),
    (samples.PAGE + samples.jpeg(), "a.jpg", 415, "不接受这种文件"),
    (samples.archive(), "a.jpg", 415, "不接受这种文件"),
    (b"MZ" + b"\0" * 500, "a.jpg", 415, "不接受这种文件"),
    (b"GIF89a=1;" + samples.PAGE, "a.gif", 400, "已损坏"),
    (b"\xff\xd8\xff" + samples.PAGE, "a.jpg", 400, "已损坏"),
    (samples.jpeg()[:3000], "a.jpg", 400, "已损坏"),
    (samples.bomb(), "a.png", 400, "像素太多"),
    (samples.pdf() + samples.archive(), "a.pdf", 400, "已损坏"),
    (samples.pdf() + samples.PAGE, "a.pdf", 400, "已损坏"),
    (samples.webm(b"V_VP8"), "a.webm", 415, "不接受这种文件"),
    (samples.m4a(b"vide"), "a.m4a", 415, "不接受这种文件"),
    (samples.jpeg(), "../../etc/passwd.jpg", 400, "文件名"),
    (samples.jpeg(), "a/b.jpg", 400, "文件名"),
    (samples.jpeg(), "发票\u202egpj.exe", 400, "文件名"),
    (b"%PDF-1.4\n" + b"0" * 20_000_000, "a.pdf", 413, "最大 20 MB"),
    (b"\xff\xd8\xff" + b"0" * 15_000_000, "a.jpg", 413, "最大 15 MB"),
    (b"OggS" + b"\0" * 24 + b"OpusHead" + b"0" * 10_000_000, "a.ogg", 413, "最大 10 MB"),
    (b"\xff\xd8\xff" + b"0" * 30_000_000, "a.jpg", 413, "最大"),
], ids=[
    "empty", "svg", "page", "page before picture", "archive", "program", "picture that is a script", "picture that is a page",
    "half a picture", "bomb", "document that is an archive", "document that is a page", "film", "film as recording",
    "path up", "path", "reversed name", "large document", "large picture", "large recording", "larger than anything",
])
async def test_what_is_not_taken_is_refused_in_words(
    member: Person, settings: Settings, data: bytes, name: str, status: int, message: str
) -> None:
    before = stored(settings)
    answer = await member.send(data, name)
    problem = answer.json()["problem"]
    assert (answer.status_code, problem["code"]) == (status, "LIMIT_EXCEEDED" if status == 413 else "VALIDATION")
    assert message in problem["message"]
    assert stored(settings) == before
    english = await member.http.post("/files", files={"file": (name, data)}, headers={"accept-language": "en"})
    assert english.json()["problem"]["message"].isascii()


async def test_a_picture_with_an_archive_behind_it_loses_the_archive(member: Person) -> None:
    told = (await member.send(samples.jpeg(5) + samples.archive())).json()
    got = (await member.http.get(told["url"])).content
    assert b"PK\x05\x06" not in got
    assert got.endswith(b"\xff\xd9")


async def test_forms_that_are_none(member: Person) -> None:
    kind, part = "multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; "
    for content, sent_as, status in (
        (b"{}", "application/json", 415), (b"x", "multipart/form-data", 415), (b"x", kind, 400), (b"", kind, 400),
        (part + b"name=\"other\"\r\n\r\n1\r\n--b--\r\n", kind, 400),
        (part + b"name=\"file\"\r\n\r\n1\r\n--b--\r\n", kind, 400),
        (part + b"name=\"key\"\r\n\r\n" + b"k" * 1000 + b"\r\n--b--\r\n", kind, 400),
        (part + b"name=\"file\"; filename=\"a\"\r\n\r\n%PDF-1.4 cut", kind, 400),
    ):
        answer = await member.http.post("/files", content=content, headers={"content-type": sent_as})
        assert answer.status_code == status, (content, answer.text)
        assert answer.json()["problem"]["message"]
    picture = samples.jpeg()
    two = await member.http.post("/files", files=[("file", ("a.jpg", picture)), ("file", ("b.jpg", picture))])
    assert two.status_code == 400


async def test_a_resent_upload_is_the_same_file(member: Person, settings: Settings, service: Service) -> None:
    key, data = str(uuid4()), samples.jpeg(6)
    first, before = await member.send(data, key=key), stored(settings)
    again = await member.send(data, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert stored(settings) == before
    other = await member.send(samples.jpeg(7), key=key)
    assert (other.status_code, other.json()["problem"]["code"]) == (409, "KEY_REUSED")
    assert stored(settings) == before
    async with service.reading(member.county.view) as session:
        assert (await session.execute(select(func.count()).where(
            AttachmentRow.tenant_id == member.county.view.id, AttachmentRow.uploaded_by == member.id
        ))).scalar_one() == 1


async def test_parts_of_a_file(member: Person) -> None:
    data = samples.pdf(bytes(range(256)) * 800)  # four pieces
    told = (await member.send(data, "长.pdf")).json()
    for asked, status, wanted in (
        ("bytes=0-9", 206, data[:10]), ("bytes=65530-65545", 206, data[65530:65546]), ("bytes=-7", 206, data[-7:]),
        ("bytes=100000-", 206, data[100000:]), ("bytes=0-1,5-6", 200, data), ("bytes=0-99999999", 200, data),
    ):
        got = await member.http.get(told["url"], headers={"range": asked})
        assert (got.status_code, got.content) == (status, wanted), asked
        if status == 206:
            assert got.headers["content-range"].endswith(f"/{len(data)}")
    beyond = await member.http.get(told["url"], headers={"range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")
    tag = (await member.http.get(told["url"])).headers["etag"]
    assert (await member.http.get(told["url"], headers={"if-none-match": tag})).status_code == 304


async def test_who_may_not_upload(county: County, sign_in: SignIn) -> None:
    auditor = await sign_in(county, "auditor")
    assert ((refused := await auditor.send(samples.jpeg())).status_code, refused.json()["problem"]["code"]) == (403, "FORBIDDEN")
    auditor.http.cookies.clear()
    assert (await auditor.send(samples.jpeg())).status_code == 401
    member = await sign_in(county, "grid_member", None, "101201001")
    elsewhere = {"origin": "https://evil.example"}
    foreign = await member.http.post("/files", files={"file": ("a.jpg", samples.jpeg())}, headers=elsewhere)
    assert (foreign.status_code, foreign.json()["problem"]["code"]) == (403, "FOREIGN_ORIGIN")


async def test_who_wears_the_service_out_waits(service: Service, settings: Settings, member: Person) -> None:
    web = Web(service)
    web.files.budget = Budget(0.1, 0.01)
    async with serving(assemble(web, settings)) as address:
        first = await member.http.post(f"{address}/files", files={"file": ("a.jpg", samples.jpeg())})
        second = await member.http.post(f"{address}/files", files={"file": ("a.jpg", samples.jpeg())})
    assert (first.status_code, second.status_code, second.json()["problem"]["code"]) == (201, 429, "LIMIT_EXCEEDED")
    assert int(second.headers["retry-after"]) > 1


async def test_who_keeps_too_many_loose_files_is_stopped(
    member: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridloom.files.service.MOST_LOOSE", 2)
    files = [await member.file(samples.ogg()) for _ in range(2)]
    before = stored(settings)
    refused = await member.send(samples.ogg())
    assert (refused.status_code, refused.json()["problem"]["code"]) == (429, "LIMIT_EXCEEDED")
    assert stored(settings) == before
    await member.report(files)
    assert (await member.send(samples.ogg())).status_code == 201


async def test_stored_bytes_that_were_changed_do_not_open(member: Person, settings: Settings) -> None:
    before = stored(settings)
    told = (await member.send(samples.pdf(b"x" * 200_000), "a.pdf")).json()
    (path,) = stored(settings) - before
    whole = path.read_bytes()
    for spoiled in (whole[:100] + b"?" + whole[101:], whole[:50], b""):
        path.write_bytes(spoiled)
        got = await member.http.get(told["url"])
        assert (got.status_code, got.json()["problem"]["code"]) == (503, "INTERNAL")
    path.unlink()
    assert (await member.http.get(told["url"])).status_code == 503
