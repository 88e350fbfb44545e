"""The whole web process on real servers, with people of every kind signed in as their browsers are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

import httpx
import pytest

from gridloom.access.service import create_account
from gridloom.app import Web, assemble
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.files.store import FolderStore
from gridloom.migrate import upgrade
from gridloom.runtime import Service, build, start
from gridloom.schema import Schemas
from tests.files.person import PASSWORD, Person
from tests.support.county import County, make_county
from tests.support.web import serving

_devices, _names = count(1), count(1)
SignIn = Callable[..., Awaitable[Person]]


@pytest.fixture(scope="session")
def settings(postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(postgres_url, redis_url, bytes(range(32)), Path(tmp_path_factory.mktemp("files")) / "data")


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


@pytest.fixture(scope="session")
def store(settings: Settings) -> FolderStore:
    return FolderStore(settings.files_dir)


@pytest.fixture(scope="session")
async def county(service: Service) -> County:
    return await make_county(service, Schemas(service.host))


@pytest.fixture(scope="session")
async def other_county(service: Service) -> County:
    return await make_county(service, Schemas(service.host))


@pytest.fixture
async def sign_in(url: str) -> AsyncIterator[SignIn]:
    """Somebody new of a role and unit, signed in."""
    opened: list[httpx.AsyncClient] = []

    async def enter(county: County, role: str, unit: str | None = None, grid: str | None = None) -> Person:
        login = f"files{next(_names)}"
        staff = await county.add_person(login, role, unit, f"{county.code}{grid}" if grid else None)
        async with county.open() as work:
            await create_account(work, staff, login, PASSWORD)
        number = next(_devices)
        http = httpx.AsyncClient(base_url=url, timeout=60, headers={"x-forwarded-for": f"10.7.{number // 250}.{number % 250}"})
        opened.append(http)
        answer = await http.post("/auth/sign-in", json={"county": county.code, "account": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return Person(county, http, staff)

    yield enter
    for http in opened:
        await http.aclose()


@pytest.fixture
async def member(county: County, sign_in: SignIn) -> Person:
    return await sign_in(county, "grid_member", None, "101201001")


@pytest.fixture
async def officer(county: County, sign_in: SignIn) -> Person:
    return await sign_in(county, "centre_officer", "ZX101201")
