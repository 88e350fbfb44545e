"""A small county behind the real web process and worker, with the sign-ins that the pages use under the demo's names."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gridloom import runtime
from gridloom.access.clients import create_client
from gridloom.access.service import create_account
from gridloom.app import Web, assemble
from gridloom.config import Settings
from gridloom.schema import Schemas
from gridloom.worker import running
from tests.support.county import County, make_county
from tests.support.web import serving

PASSWORD = "spring water for thirty houses"
ACCOUNTS = {
    "grid1": "member", "centre-village-officer": "officer_village", "centre-township-officer": "officer_township",
    "sw-officer": "water",
}  # fmt: skip


@pytest.fixture(scope="module")
async def small_county(service: runtime.Service) -> County:
    """The county that the pages are tried on."""
    return await make_county(service, Schemas(service.host))


@pytest.fixture(scope="module")
async def access_file(
    service: runtime.Service, database: Settings, small_county: County, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Path]:
    """What `make demo` writes, for this county, while its web process and worker run."""
    accounts = [{"county": small_county.code, "account": login, "password": PASSWORD} for login in ACCOUNTS]
    async with small_county.open() as work:
        for login, person in ACCOUNTS.items():
            await create_account(work, small_county.people[person], login, PASSWORD)
        client_id, secret = await create_client(work, small_county.units["FY"], "court system")
    client = {
        "county": small_county.code, "organization": "FY", "client_id": client_id, "client_secret": secret,
    }  # fmt: skip
    file = tmp_path_factory.mktemp("access") / "demo-access.json"
    async with serving(assemble(Web(service), database)) as url, running(service):
        access = {"url": url, "county": small_county.code, "accounts": accounts, "clients": [client]}
        file.write_text(json.dumps(access, ensure_ascii=False), encoding="utf-8")
        yield file
