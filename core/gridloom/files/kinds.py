"""Which files are taken, told by their first and last bytes; a name or a declared type is never believed."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 65_536
TAIL_BYTES = 65_536
NAME_LENGTH = 100
UNNAMED = {"picture": "照片", "document": "文档", "sound": "录音"}

# Letters that print nothing or turn the reading direction: with them "gpj.exe" reads as "exe.jpg".
_DECEIVING = re.compile("[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SEPARATORS = re.compile(r"[/\\]")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Group(StrEnum):
    """What is done with a file: a picture is drawn anew, the others are kept as they came and only ever downloaded."""

    PICTURE = "picture"
    DOCUMENT = "document"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. `most_bytes` is what one of them may weigh as it comes in."""

    media_type: str
    ending: str
    group: Group
    most_bytes: int


def _picture(media_type: str, ending: str) -> Kind:
    return Kind(media_type, ending, Group.PICTURE, 15_000_000)


def _sound(media_type: str, ending: str) -> Kind:
    return Kind(media_type, ending, Group.SOUND, 10_000_000)


JPEG, PNG = _picture("image/jpeg", ".jpg"), _picture("image/png", ".png")
GIF, WEBP = _picture("image/gif", ".gif"), _picture("image/webp", ".webp")
PDF = Kind("application/pdf", ".pdf", Group.DOCUMENT, 20_000_000)
WEBM, OGG = _sound("audio/webm", ".webm"), _sound("audio/ogg", ".ogg")
M4A, MP3 = _sound("audio/mp4", ".m4a"), _sound("audio/mpeg", ".mp3")
KINDS = (JPEG, PNG, GIF, WEBP, PDF, WEBM, OGG, M4A, MP3)
MOST_BYTES = max(kind.most_bytes for kind in KINDS)


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file by its first bytes (up to 64 KiB), or None for everything that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if re.match(rb"%PDF-[12]\.\d", head):
        return PDF
    return _sound_of(head)


def _sound_of(head: bytes) -> Kind | None:
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]:
        speech = b"A_OPUS" in head or b"A_VORBIS" in head
        return WEBM if speech and b"V_VP" not in head and b"V_AV1" not in head and b"V_MPEG" not in head else None
    if head.startswith(b"OggS"):
        first = head[28:64]
        return OGG if first.startswith((b"OpusHead", b"\x01vorbis", b"Speex", b"\x7fFLAC")) else None
    if head[4:8] == b"ftyp" and head[8:12] in (b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso5", b"iso6", b"dash"):
        return None if b"vide" in head or b"avc1" in head or b"hvc1" in head else M4A
    if head.startswith(b"ID3") or _mpeg_frames(head):
        return MP3
    return None


def _mpeg_frames(head: bytes) -> bool:
    """Whether two MPEG layer III frames follow each other (ISO/IEC 11172-3 §2.4.2.3): one header alone is four lucky bytes."""
    length = _frame_length(head[:4])
    return length is not None and _frame_length(head[length:length + 4]) is not None


def _frame_length(header: bytes) -> int | None:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, rate, sampling = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return None
    kilobits = (_RATES_1 if version == 3 else _RATES_2)[rate - 1]
    hertz = (44_100, 48_000, 32_000)[sampling] >> {3: 0, 2: 1, 0: 2}[version]
    return (144 if version == 3 else 72) * kilobits * 1000 // hertz + (header[2] >> 1 & 1)


_RATES_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def is_whole_document(tail: bytes) -> bool:
    """Whether a PDF ends as one, and not as an archive or a page of a browser too."""
    mark = tail.rfind(b"%%EOF")
    after = tail[mark + 5:].strip(b"\r\n\t \x00") if mark >= 0 else b"-"
    return not after and b"PK\x05\x06" not in tail


def clean_name(name: str, kind: Kind) -> str | None:
    """The name to show: as it was sent, with the ending of what it is kept as. None for a name that is a path or deceives."""
    text = unicodedata.normalize("NFC", name).strip()
    if _SEPARATORS.search(text) or _DECEIVING.search(text) or _SURROGATES.search(text):
        return None
    stem = re.sub(r"\.[0-9A-Za-z]{1,5}$", "", text).strip(" .")
    ending = JPEG.ending if kind.group is Group.PICTURE else kind.ending
    return f"{(stem or UNNAMED[kind.group])[:NAME_LENGTH]}{ending}"
