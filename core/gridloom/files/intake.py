"""One upload on its way in: recognised, measured, digested and sealed while it streams; then made what is kept of it."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from gridloom.files.kinds import HEAD_BYTES, JPEG, TAIL_BYTES, Group, Kind, clean_name, is_whole_document, kind_of
from gridloom.files.pictures import NoPicture, Pictures, TooBusy
from gridloom.files.receive import too_large
from gridloom.files.sealed import PIECE, FileKey, SealedWriter, pieces
from gridloom.files.store import Store
from gridloom.http.messages import HttpRefusal
from gridloom.ids import uuid7

MAIN, SMALL, RAW = "main", "small", "raw"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it will be kept: sealed drafts on this machine, and what its row says."""

    id: UUID
    key: FileKey
    name: str
    media_type: str
    bytes: int
    digest: str
    main: Path
    small: Path | None = None
    small_bytes: int | None = None
    look: str | None = None


class Intake:
    """Takes the bytes of one file. Nothing of them is on the disk in clear at any moment; `drop` forgets all drafts."""

    def __init__(self, store: Store, pictures: Pictures, tenant: UUID) -> None:
        self._store, self._pictures = store, pictures
        self._id = uuid7()
        self._key = FileKey.fresh(tenant, self._id)
        self._drafts: list[Path] = []
        self._hash = hashlib.sha256()
        self._tail = b""
        self._kind: Kind | None = None
        self._target: BinaryIO | None = None
        self._writer: SealedWriter | None = None

    async def take(self, data: bytes) -> None:
        """More of the file. Raises `HttpRefusal` 413 over its kind's limit, 415 for what is not taken, 507 without room."""
        if self._writer is None:
            self._kind = kind_of(data[:HEAD_BYTES])
            if self._kind is None:
                raise HttpRefusal(415, "VALIDATION", "file-kind")
            await asyncio.to_thread(self._begin)
        if self._kind is None or self._writer is None:
            raise RuntimeError("an intake was used after its end")
        if self._writer.bytes + len(data) > self._kind.most_bytes:
            raise too_large(self._kind.most_bytes)
        self._hash.update(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        await asyncio.to_thread(self._writer.write, data)

    async def finish(self, sent_name: str) -> Kept:
        """All of it is here: what is kept of it. Raises `HttpRefusal` 400 for an empty, broken or misnamed file, 503."""
        if self._kind is None or self._writer is None or self._target is None:
            raise HttpRefusal(400, "VALIDATION", "file-empty")
        name = clean_name(sent_name, self._kind)
        if name is None:
            raise HttpRefusal(400, "VALIDATION", "file-name")
        if self._kind.group is Group.DOCUMENT and not is_whole_document(self._tail):
            raise HttpRefusal(400, "VALIDATION", "file-broken")
        await asyncio.to_thread(self._writer.finish)
        self._target.close()
        if self._kind.group is Group.PICTURE:
            return await self._redrawn(name)
        return Kept(
            self._id, self._key, name, self._kind.media_type, self._writer.bytes, self._hash.hexdigest(), self._drafts[0]
        )

    def drop(self) -> None:
        """Remove the drafts that nobody took over."""
        if self._target is not None:
            self._target.close()
        for draft in self._drafts:
            draft.unlink(missing_ok=True)

    def _begin(self) -> None:
        if not self._store.has_room():
            raise HttpRefusal(507, "LIMIT_EXCEEDED", "file-no-room")
        draft = self._store.draft()
        self._drafts.append(draft)
        self._target = draft.open("wb")
        # What is kept of a picture is made later: what came is sealed as another form.
        picture = self._kind is not None and self._kind.group is Group.PICTURE
        self._writer = SealedWriter(self._target, self._key, RAW if picture else MAIN)

    async def _redrawn(self, name: str) -> Kept:
        try:
            picture = await self._pictures.redraw(await asyncio.to_thread(self._plain))
        except NoPicture as error:
            raise HttpRefusal(400, "VALIDATION", f"file-{error.why}") from error
        except TooBusy as error:
            raise HttpRefusal(503, "BUSY", "file-busy", {"retry-after": "5"}) from error
        main = await asyncio.to_thread(self._write, picture.data, MAIN)
        small = await asyncio.to_thread(self._write, picture.small, SMALL)
        return Kept(
            self._id, self._key, name, JPEG.media_type, len(picture.data), self._hash.hexdigest(), main, small,
            len(picture.small), picture.look,
        )

    def _plain(self) -> bytes:
        total = self._writer.bytes if self._writer else 0
        with self._drafts[0].open("rb") as file:
            return b"".join(
                self._key.open(file.read(length), RAW, index, last) for index, _, length, last, _ in pieces(total, 0, total)
            )

    def _write(self, data: bytes, form: str) -> Path:
        draft = self._store.draft()
        self._drafts.append(draft)
        with draft.open("wb") as file:
            writer = SealedWriter(file, self._key, form)
            for start in range(0, len(data), PIECE):
                writer.write(data[start:start + PIECE])
            writer.finish()
        return draft
