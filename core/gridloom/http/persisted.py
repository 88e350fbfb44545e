"""Documents that the web app's build has persisted: known by their digest before anybody asks them.

The protocol is appendix A of GraphQL over HTTP: `documentId` stands in the place of `query`, as `sha256:` and the
SHA-256 of the document's UTF-8 text in 64 hexadecimal digits.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from gridloom.errors import Denied

MANIFEST = "documents.json"
PREFIX = "sha256:"
MOST = 2_000
LONGEST = 4_000_000


class BrokenManifest(Exception):
    """A manifest that was not written by the build it came with; the process refuses to start."""


def document_id(text: str) -> str:
    """The identifier of a document."""
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()


class PersistedDocuments:
    """The documents of one manifest by identifier. Read once, never changed."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        wrong = next((name for name, text in texts.items() if name != document_id(text)), None)
        if wrong is not None:
            raise BrokenManifest(f"{MANIFEST}: {wrong} is not the digest of its document")
        self._texts = dict(texts)

    @classmethod
    def beside(cls, web: Path | None) -> "PersistedDocuments":
        """Those of a built web app; none where there is no app, or one without a manifest. Raises `BrokenManifest`."""
        file = web / MANIFEST if web is not None else None
        if file is None or not file.is_file():
            return cls({})
        if file.stat().st_size > LONGEST:
            raise BrokenManifest(f"{MANIFEST} has more than {LONGEST} bytes")
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BrokenManifest(f"{MANIFEST} is no JSON") from error
        if not isinstance(found, dict) or len(found) > MOST or not all(isinstance(text, str) for text in found.values()):
            raise BrokenManifest(f"{MANIFEST} must map at most {MOST} identifiers to documents")
        return cls(found)

    def text(self, identifier: str) -> str:
        """The document. Raises `Denied` PERSISTED_DOCUMENT_NOT_FOUND."""
        found = self._texts.get(identifier)
        if found is None:
            raise Denied("PERSISTED_DOCUMENT_NOT_FOUND", "http-document-unknown")
        return found

    def __len__(self) -> int:
        return len(self._texts)
