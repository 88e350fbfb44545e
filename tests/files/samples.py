"""Files made here: honest ones of every kind that is taken, and hostile ones."""

import io
import random
import struct
import zipfile
import zlib

from PIL import Image, ImageDraw

GPS_IFD, ORIENTATION, TAKEN_AT, MAKER = 0x8825, 0x0112, 0x9003, 0x010F


def scene(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture with something to see: the same for the same seed."""
    dice = random.Random(seed)
    picture = Image.new("RGB", size, tuple(dice.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(24):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        wide, high = dice.randrange(40, size[0] // 2), dice.randrange(40, size[1] // 2)
        draw.rectangle((x, y, x + wide, y + high), fill=tuple(dice.randrange(256) for _ in range(3)))
    return picture


def jpeg(seed: int = 1, size: tuple[int, int] = (640, 480), quality: int = 90, exif: Image.Exif | None = None) -> bytes:
    """The scene as JPEG."""
    return encoded(scene(seed, size), "JPEG", quality=quality, **({"exif": exif} if exif is not None else {}))


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    """A picture's bytes."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def telling_jpeg() -> bytes:
    """A photograph lying on its side that says where, when and with what it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "SecretCamera"
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (25.0, 21.0, 30.5), 3: "E", 4: (100.0, 29.0, 11.0)})
    exif.get_ifd(0x8769)[TAKEN_AT] = "2026:03:04 05:06:07"
    return jpeg(3, (640, 320), exif=exif)


def pdf(inside: bytes = b"") -> bytes:
    """A document of one empty page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R>>endobj\n" + inside + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def archive() -> bytes:
    """A ZIP with a program in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("run.sh", "#!/bin/sh\n")
    return out.getvalue()


def webm(codec: bytes = b"A_OPUS") -> bytes:
    """The beginning of a recording as Chrome makes it."""
    head = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
    return head + b"\0" * 40 + codec + b"\0" * 900


def ogg() -> bytes:
    """The beginning of a recording as Firefox makes it."""
    return b"OggS\0\x02" + b"\0" * 20 + b"\x01\x13" + b"OpusHead\x01\x01" + b"\0" * 600


def m4a(inside: bytes = b"soun") -> bytes:
    """The beginning of a recording as Safari makes it."""
    return b"\0\0\0\x1cftypM4A \0\0\0\0isommp42" + b"\0\0\0\x20hdlr" + b"\0" * 8 + inside + b"\0" * 500


def mp3() -> bytes:
    """Three MPEG 1 layer III frames of 128 kbit/s at 44.1 kHz: 417 bytes each."""
    return (b"\xff\xfb\x90\x00" + b"\0" * 413) * 3


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in some hundred kilobytes."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress(b"\0" * (30_000 // 8 + 1) * 30_000, 9)
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><script>fetch('/graphql')</script>"
