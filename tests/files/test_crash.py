"""A process that dies at the worst moment leaves bytes that are swept, never a row without bytes."""

import os
import signal
import subprocess
import sys
from uuid import uuid4

import pytest
from sqlalchemy import select

from gridloom.cases.models import AttachmentRow
from gridloom.config import Settings
from gridloom.runtime import Service
from tests.files import samples
from tests.files.person import Person

DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from gridloom import runtime
from gridloom.config import Settings
from gridloom.files import web
from gridloom.files.intake import Intake
from gridloom.files.pictures import Pictures
from gridloom.files.store import FolderStore
from gridloom.http.graphql import Caller
from gridloom.people.service import staff_actor
from uuid import UUID

moment, code, staff, key, picture = sys.argv[1:6]

class Dying(FolderStore):
    def put(self, name, draft):
        if moment == "before bytes":
            os.kill(os.getpid(), signal.SIGKILL)
        super().put(name, draft)

async def dying_run(*arguments):
    if moment == "before row":
        os.kill(os.getpid(), signal.SIGKILL)
    outcome = await run(*arguments)
    if moment == "after row":
        os.kill(os.getpid(), signal.SIGKILL)
    return outcome

run, web.run = web.run, dying_run

async def main():
    settings = Settings(os.environ["DB"], os.environ["REDIS"], bytes(range(32)), Path(os.environ["DATA"]))
    service = runtime.build(settings)
    await runtime.start(service)
    county = await service.directory.by_code(service, code)
    async with service.reading(county) as session:
        actor = await staff_actor(session, county.id, UUID(staff), service.clock.now(), "zh-CN")
    store = Dying(settings.files_dir)
    routes = web.FileRoutes(service, None, store)
    intake = Intake(store, Pictures(), county.id)
    await intake.take(Path(picture).read_bytes())
    await routes._keep(Caller(actor, county, "zh-CN", False, None), await intake.finish("a.jpg"), f"file:{key}")

asyncio.run(main())
"""


@pytest.mark.parametrize("moment", ["before bytes", "before row", "after row"])
async def test_killed_while_keeping(
    member: Person, service: Service, settings: Settings, moment: str
) -> None:
    picture, key = settings.data_dir / "sample.jpg", str(uuid4())
    picture.write_bytes(data := samples.jpeg(8))
    environment = {
        **os.environ, "DB": settings.database_url, "REDIS": settings.redis_url, "DATA": str(settings.data_dir),
    }
    words = [sys.executable, "-c", DIE, moment, member.county.code, str(member.id), key, str(picture)]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    rows = await own(service, member)
    assert len(rows) == (1 if moment == "after row" else 0)
    # The phone never heard the answer: it sends again, and there is one file, whole.
    answer = await member.send(data, "a.jpg", key)
    assert answer.status_code == (200 if moment == "after row" else 201)
    rows = await own(service, member)
    assert [str(row.id) for row in rows] == [answer.json()["id"]]
    assert (await member.http.get(answer.json()["url"])).status_code == 200


async def own(service: Service, member: Person) -> list[AttachmentRow]:
    """The rows of somebody's files."""
    async with service.reading(member.county.view) as session:
        return list((await session.execute(select(AttachmentRow).where(
            AttachmentRow.tenant_id == member.county.view.id, AttachmentRow.uploaded_by == member.id
        ))).scalars())
