"""Draws a picture anew: `python -I -m gridloom.files.picture`, picture in, pictures out, in a process of its own.

Decoders are where hostile files strike, so this process has no environment, little memory, little time, writes no file, and
ends after one picture. Out come a line of JSON (sizes, or why not) and the bytes of the picture and of its small form: pixels
only, nothing else of what came in (no position, no time, no camera, no appended archive).
"""

import io
import json
import resource
import sys
import warnings

from PIL import Image, ImageOps, ImageStat

MOST_BYTES = 15_000_000
MOST_PIXELS = 50_000_000
MEMORY_BYTES = 1_000_000_000
PROCESSOR_SECONDS = 10
LONG_SIDE, SMALL_SIDE = 2560, 360
QUALITY, SMALL_QUALITY = 86, 74
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
LOOK_SIZE = (9, 8)
LEAST_CONTRAST = 6.0


def limit() -> None:
    """What this process may use, set before it looks at anything."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def redraw(data: bytes) -> tuple[bytes, bytes, str | None]:
    """The picture as JPEG, its small form, and its look. Raises what Pillow raises."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.format == "JPEG":
            opened.draft("RGB", (LONG_SIDE, LONG_SIDE))
        turned = ImageOps.exif_transpose(opened)
        flat = _flat(turned)
    flat.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    small = flat.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return _jpeg(flat, QUALITY), _jpeg(small, SMALL_QUALITY), look_of(small)


def _flat(picture: Image.Image) -> Image.Image:
    """Opaque, in RGB, on white, carrying nothing but pixels."""
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    return Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes())


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def look_of(picture: Image.Image) -> str | None:
    """64 bits: which of neighbouring fields of a 9 × 8 grid is brighter (difference hash). None where there is too little
    to see: every dark picture looks like every other."""
    grey = picture.convert("L").resize(LOOK_SIZE, Image.Resampling.BOX)
    if ImageStat.Stat(grey).stddev[0] < LEAST_CONTRAST:
        return None
    values = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (values[at] > values[at + 1])
    return f"{bits:016x}"


def main() -> None:
    """One picture from standard input to standard output."""
    limit()
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    answer: dict[str, int | str | None]
    try:
        main_form, small_form, look = redraw(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        answer, forms = {"refused": "bomb"}, b""
    except Exception:
        answer, forms = {"refused": "broken"}, b""
    else:
        answer = {"bytes": len(main_form), "small": len(small_form), "look": look}
        forms = main_form + small_form
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + forms)


if __name__ == "__main__":
    main()
