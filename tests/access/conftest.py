"""The whole web process on real servers, met over HTTP; an account and a client of their own for each test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from gridloom.access.clients import create_client
from gridloom.access.service import create_account
from gridloom.app import Web, assemble
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.migrate import upgrade
from gridloom.runtime import Service, build, start
from gridloom.schema import Schemas
from tests.support.county import County, make_county
from tests.support.web import serving

_devices, _numbers = count(1), count(1)
PASSWORD = "correct horse battery"
ME = {"query": "{ me { name county { code } posts { role } permissions } }"}


@pytest.fixture(scope="session")
def settings(postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = Path(tmp_path_factory.mktemp("web"))
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>织网</title>" + " " * 2000, encoding="utf-8")
    (folder / "assets" / "app-1a2b.js").write_text("export {}", encoding="utf-8")
    return Settings(postgres_url, redis_url, bytes(range(32)), folder / "data", web_dir=folder)


@pytest.fixture(scope="session")
async def service(settings: Settings) -> AsyncIterator[Service]:
    await upgrade(settings)
    running = build(settings, clock=ShiftedClock())
    await start(running)
    yield running
    await running.close()


@pytest.fixture(scope="session")
async def url(service: Service, settings: Settings) -> AsyncIterator[str]:
    async with serving(assemble(Web(service, keep_alive=0.5), settings)) as address:
        yield address


@pytest.fixture
def clock(service: Service) -> ShiftedClock:
    clock = service.clock
    assert isinstance(clock, ShiftedClock)
    clock.offset = clock.offset * 0
    return clock


@dataclass
class Place:
    """A county with an account of a person at a township's centre, and a client of the police."""

    county: County
    person: str
    account: UUID
    login: str
    client_id: str
    secret: str

    def typed(self, **other: str) -> dict[str, str]:
        """What its person types to sign in."""
        return {"county": self.county.code, "account": self.login, "password": PASSWORD, **other}


@pytest.fixture(scope="session")
async def county(service: Service) -> County:
    return await make_county(service, Schemas(service.host))


@pytest.fixture
async def place(county: County, clock: ShiftedClock) -> Place:
    person = f"person{next(_numbers)}"
    staff = await county.add_person(person, "centre_officer", "ZX101000")
    async with county.open() as work:
        account = await create_account(work, staff, person, PASSWORD)
        client_id, secret = await create_client(work, county.units["GA"], "police system")
    return Place(county, person, account, person, client_id, secret)


def device() -> dict[str, str]:
    """An address that nobody has tried to sign in from (the server believes a proxy on its own machine)."""
    number = next(_devices)
    return {"x-forwarded-for": f"10.1.{number // 250}.{number % 250}"}


@pytest.fixture
async def browser(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a device of its own."""
    async with httpx.AsyncClient(base_url=url, timeout=20, headers=device()) as client:
        yield client
