"""Files as they lie in the store: pieces of 64 KiB, each sealed by itself, so that any part is read without the rest.

A piece is bound to its county, file, form, place and to whether it is the last: pieces that are moved, swapped, cut off or
taken from another file do not open. The ciphers are those of personal fields (GB/T 32907).
"""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from gridloom.crypto import NONCE_BYTES, PROVIDERS, TAG_BYTES, CountyCipher, Place, Tampered

PIECE = 65_536
ADDED = NONCE_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True)
class FileKey:
    """The key of one file's bytes, and what they are bound to. `form` tells a file's forms apart (such as its small one)."""

    provider: str
    key: bytes
    tenant: UUID
    file: UUID

    @classmethod
    def fresh(cls, tenant: UUID, file: UUID, provider: str = "sm4") -> "FileKey":
        """A random key."""
        return cls(provider, os.urandom(PROVIDERS[provider].key_bytes), tenant, file)

    @classmethod
    def opened(cls, cipher: CountyCipher, sealed: str, tenant: UUID, file: UUID) -> "FileKey":
        """The key out of an attachment's row. Raises `Tampered`."""
        provider, _, encoded = cipher.open(sealed, _place(tenant, file)).partition(".")
        return cls(provider, base64.b64decode(encoded), tenant, file)

    def sealed(self, cipher: CountyCipher) -> str:
        """For the attachment's row: opens with the county's key and for this file only."""
        text = f"{self.provider}.{base64.b64encode(self.key).decode()}"
        return cipher.seal(text, _place(self.tenant, self.file))

    def seal(self, piece: bytes, form: str, index: int, last: bool) -> bytes:
        """One piece as it is stored."""
        return PROVIDERS[self.provider].encrypt(self.key, piece, self._bound(form, index, last))

    def open(self, sealed: bytes, form: str, index: int, last: bool) -> bytes:
        """One piece as it was. Raises `Tampered`."""
        if len(sealed) < ADDED:
            raise Tampered("a piece is missing")
        return PROVIDERS[self.provider].decrypt(self.key, sealed, self._bound(form, index, last))

    def _bound(self, form: str, index: int, last: bool) -> bytes:
        return f"{self.tenant}|{self.file}|{form}|{index}|{'last' if last else 'more'}".encode()


def _place(tenant: UUID, file: UUID) -> Place:
    return Place(tenant, "attachment", "file_key", file)


class SealedWriter:
    """Writes plain bytes of any length into a file, sealed piece by piece; nothing in clear reaches the disk."""

    def __init__(self, target: BinaryIO, key: FileKey, form: str) -> None:
        self._target, self._key, self._form = target, key, form
        self._waiting = bytearray()
        self._index = 0
        self.bytes = 0

    def write(self, data: bytes) -> None:
        """Take more. The last piece is held back until it is known to be the last."""
        self._waiting += data
        self.bytes += len(data)
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """Write what is left and bring it all to the disk."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()
        self._target.flush()
        os.fsync(self._target.fileno())

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._key.seal(piece, self._form, self._index, last))
        self._index += 1


def pieces(total: int, start: int, end: int) -> Iterator[tuple[int, int, int, bool, slice]]:
    """The stored pieces that hold bytes `start` to `end` (exclusive) of a file of `total` bytes: index, offset and length in
    the store, whether it is the last, and which part of the opened piece is wanted."""
    final = max(0, (total - 1) // PIECE)
    for index in range(start // PIECE, min(final, max(start, end - 1) // PIECE) + 1):
        begins = index * PIECE
        length = min(PIECE, total - begins)
        wanted = slice(max(start - begins, 0), min(end - begins, length))
        yield index, index * (PIECE + ADDED), length + ADDED, index == final, wanted
