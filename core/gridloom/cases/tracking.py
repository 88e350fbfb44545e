"""Numbers and codes of a case: the county's number for it, and the citizen's secret to follow it by."""

import base64
import secrets
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from gridloom.crypto import CountyCipher
from gridloom.work import CountyView, Work

CODE_BYTES = 10


async def next_number(work: Work, *, random: bool) -> str:
    """`532925-20261122-00017`: county, day, serial. Sealed cases get a random serial, which betrays no sequence."""
    day = work.now.astimezone(ZoneInfo(work.county.time_zone)).strftime("%Y%m%d")
    if random:
        return f"{work.county.code}-{day}-X{secrets.token_hex(4).upper()}"
    serial = await work.works.numbers.take(work.tenant, f"case {day}")
    return f"{work.county.code}-{day}-{serial:05d}"


def tracking_code(county: CountyView, cipher: CountyCipher, case_id: UUID) -> str:
    """The reporter's code, the same whenever it is made: county code and 16 letters and digits in groups of four."""
    digest = bytes.fromhex(cipher.keyed_digest("tracking", str(case_id)))[:CODE_BYTES]
    letters = base64.b32encode(digest).decode()
    return "-".join([county.code, *(letters[i:i + 4] for i in range(0, len(letters), 4))])


def tracking_hash(cipher: CountyCipher, code: str) -> str:
    """What is stored of a code."""
    return cipher.keyed_digest("tracking hash", code.strip().upper())


def local_day(moment: datetime, county: CountyView) -> str:
    """The county's date of a moment, ISO 8601."""
    return moment.astimezone(ZoneInfo(county.time_zone)).date().isoformat()
