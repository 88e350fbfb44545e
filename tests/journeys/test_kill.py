"""Power cuts: server and worker are killed while phones report and resend. Nothing acknowledged is lost or doubled."""

import asyncio
import os
import random
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import func, select

from gridloom import runtime
from gridloom.cases.models import CaseRow
from gridloom.outbox import Due, FactPosition, FactRow
from tests.journeys.callers import World
from tests.journeys.documents import DOCUMENTS
from tests.journeys.stage import Stage

REPORTS = int(os.environ.get("GRIDLOOM_KILL_REPORTS", "160"))
PHONES = 8
CUTS = 3


async def test_reports_survive_kills(stage: Stage, world: World) -> None:
    member = await world.person("grid1")
    acknowledged: dict[str, str] = {}
    keys = [str(uuid4()) for _ in range(REPORTS)]
    waiting = asyncio.Queue[str]()
    for key in keys:
        waiting.put_nowait(key)
    phones = [asyncio.create_task(_phone(member.http, waiting, acknowledged)) for _ in range(PHONES)]
    for cut in range(1, CUTS + 1):
        while len(acknowledged) < REPORTS * cut // (CUTS + 1):
            await asyncio.sleep(0.02)
        stage.kill("serve")
        stage.kill("worker")
        await stage.start()
    async with asyncio.timeout(240):
        await asyncio.gather(*phones)
    assert set(acknowledged) == set(keys)
    assert len(set(acknowledged.values())) == REPORTS  # no two keys made one case, no key made two
    await _check_database(stage, acknowledged)


async def _phone(http: httpx.AsyncClient, waiting: "asyncio.Queue[str]", acknowledged: dict[str, str]) -> None:
    """Takes a report, sends it until it is acknowledged, always with its one key."""
    while not waiting.empty():
        key = waiting.get_nowait()
        body = {"query": DOCUMENTS["ReportCase"], "operationName": "ReportCase", "variables": {"input": {
            "key": key, "description": f"断电试验 {key}", "workItemCode": "C-13",
        }}}
        while key not in acknowledged:
            try:
                answer = await http.post("/graphql", json=body, timeout=10)
                payload: dict[str, Any] = answer.json()["data"]["reportCase"]
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                await asyncio.sleep(random.uniform(0.1, 0.5))
                continue
            assert payload["problems"] == []
            acknowledged[key] = payload["case"]["id"]


async def _check_database(stage: Stage, acknowledged: dict[str, str]) -> None:
    service = runtime.build(stage.settings)
    try:
        county = await service.directory.by_code(service, "532925")
        assert county is not None
        async with asyncio.timeout(60):
            while True:
                async with service.reading(county) as session:
                    left = (await session.execute(select(func.count()).where(
                        Due.tenant_id == county.id, Due.kind == "fact"
                    ))).scalar_one()
                if left == 0:
                    break
                await asyncio.sleep(0.5)
        async with service.reading(county) as session:
            rows = (await session.execute(select(CaseRow.id).where(
                CaseRow.tenant_id == county.id, CaseRow.description.like("断电试验 %")
            ))).scalars().all()
            assert set(rows) == {UUID(id) for id in acknowledged.values()}
            positions = (await session.execute(
                select(FactPosition.position).where(FactPosition.tenant_id == county.id).order_by(FactPosition.position)
            )).scalars().all()
            assert list(positions) == list(range(1, len(positions) + 1))
            told = (await session.execute(
                select(FactRow.case_id, func.count()).where(
                    FactRow.tenant_id == county.id, FactRow.type == "case.reported", FactRow.case_id.in_(rows)
                ).group_by(FactRow.case_id)
            )).all()
            assert {row[1] for row in told} == {1}
            assert len(told) == len(rows)
    finally:
        await service.close()
