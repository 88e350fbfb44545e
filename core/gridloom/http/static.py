"""The web app's files: hashed ones for ever, the page itself only after asking; any page address gives it."""

import gzip
import hashlib
import mimetypes
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gridloom.i18n import choose_locale, translate

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
HASHED = "assets/"
RESERVED = ("auth", "files", "graphql", "oauth", ".well-known")
KEPT_BYTES = 64_000_000
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
COMPRESS_FROM = 1_000

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True, slots=True)
class _File:
    """One file, read once: its bytes, plain and compressed, and the tag browsers ask with."""

    changed: int
    plain: bytes
    compressed: bytes | None
    tag: str
    media_type: str


class WebApp:
    """Serves a built single-page application from a folder; nothing outside the folder can be named."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder is not None else None
        self._files: OrderedDict[Path, _File] = OrderedDict()
        self._kept = 0

    async def answer(self, request: Request) -> Response:
        """GET or HEAD of a file or a page."""
        locale = choose_locale(request.headers.get("accept-language"))
        if self._folder is None or not (self._folder / "index.html").is_file():
            return PlainTextResponse(translate(locale, "http-web-missing"), 503)
        name = request.url.path.lstrip("/")
        path = self._inside(name)
        if path is None:
            first, last = name.partition("/")[0], name.rpartition("/")[2]
            if "." in last or name.startswith(HASHED) or first in RESERVED:
                return PlainTextResponse(translate(locale, "http-not-found"), 404)
            name, path = "index.html", self._folder / "index.html"
        return self._send(request, self._read(path), FOR_EVER if name.startswith(HASHED) else ASK_FIRST)

    def _inside(self, name: str) -> Path | None:
        if self._folder is None or not name or "\x00" in name:
            return None
        path = (self._folder / name).resolve()
        return path if path.is_relative_to(self._folder) and path.is_file() else None

    def _read(self, path: Path) -> _File:
        changed = path.stat().st_mtime_ns
        known = self._files.get(path)
        if known is not None and known.changed == changed:
            self._files.move_to_end(path)
            return known
        plain = path.read_bytes()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        worth_it = media_type.startswith(COMPRESSIBLE) and len(plain) >= COMPRESS_FROM
        compressed = gzip.compress(plain, 6, mtime=0) if worth_it else None
        file = _File(changed, plain, compressed, hashlib.sha256(plain).hexdigest()[:20], media_type)
        self._keep(path, file)
        return file

    def _keep(self, path: Path, file: _File) -> None:
        old = self._files.pop(path, None)
        self._kept += _size(file) - (_size(old) if old is not None else 0)
        self._files[path] = file
        while self._kept > KEPT_BYTES and len(self._files) > 1:
            _, dropped = self._files.popitem(last=False)
            self._kept -= _size(dropped)

    def _send(self, request: Request, file: _File, caching: str) -> Response:
        zipped = file.compressed is not None and "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{file.tag}{"-gz" if zipped else ""}"'
        headers = {"cache-control": caching, "etag": tag, "vary": "Accept-Encoding"}
        if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["content-encoding"] = "gzip"
        body = file.compressed if zipped and file.compressed is not None else file.plain
        return Response(body, headers=headers, media_type=file.media_type)


def _size(file: _File) -> int:
    return len(file.plain) + len(file.compressed or b"")
