"""Who somebody of the bench world is: county, id, scopes and permissions, as the service itself finds them."""

from collections.abc import Sequence

from sqlalchemy import select

from bench.result import Void
from bench.world import World
from gridloom import runtime
from gridloom.access.models import Account
from gridloom.demo.build import MIDU
from gridloom.people.service import staff_actor
from gridloom.work import Actor


async def actors(world: World, logins: Sequence[str], county: str = MIDU) -> list[Actor]:
    """The actors behind these accounts. Raises `Void` for an account that is not there."""
    service = runtime.build(world.settings, pool_size=1)
    try:
        await runtime.start(service)
        view = await service.directory.by_code(service, county)
        if view is None:
            raise Void(f"there is no county {county}")
        found = []
        async with service.reading(view) as session:
            for login in logins:
                staff = (await session.execute(
                    select(Account.staff_id).where(Account.tenant_id == view.id, Account.login == login)
                )).scalar_one_or_none()
                actor = staff and await staff_actor(session, view.id, staff, service.clock.now(), "zh-CN")
                if not actor:
                    raise Void(f"there is no account {login} in county {county}")
                found.append(actor)
        return found
    finally:
        await service.close()
