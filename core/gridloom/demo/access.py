"""Accounts and clients of the demo: one for each role at each level along one branch, every department, the operator."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom.access.clients import create_client
from gridloom.access.service import create_account
from gridloom.demo.people import Population, PostPlan
from gridloom.demo.residents import Written
from gridloom.ids import uuid7
from gridloom.migrate import owner_engine
from gridloom.people.models import Staff, StaffPost
from gridloom.people.roles import CLIENT_PERMISSIONS
from gridloom.runtime import Service
from gridloom.tenancy.models import County, CountyState
from gridloom.tenancy.service import PLATFORM_CODE, register_county
from gridloom.work import Work

# The five departments whose own systems speak to the county.
CLIENTS = ("FY", "JCY", "GA", "SF", "XF")
CLIENT_SCOPES = (*sorted(CLIENT_PERMISSIONS), "read", "developer")
# People the population does not hold: key, role, whether they work in the branch's grid.
OFFICIALS = (
    ("admin", "county_admin", "县管理员"),
    ("security", "security_admin", "安全管理员"),
    ("auditor", "auditor", "审计员"),
)


@dataclass
class Signing:
    """Collects what the demo's users need to sign in. One password for all, made anew for every installation."""

    url: str
    password: str = field(default_factory=lambda: f"zhiwang-{secrets.token_urlsafe(9)}")
    accounts: list[dict[str, Any]] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)

    def note(self, county: str, login: str, role: str, **where: Any) -> None:
        """Remember an account."""
        self.accounts.append(
            {
                "county": county,
                "account": login,
                "password": self.password,
                "role": role,
                "organization": where.get("organization"),
                "grid": where.get("grid"),
                "name": where.get("name"),
                "level": where.get("level"),
            }
        )

    async def finish(self, service: Service) -> dict[str, Any]:
        """The content of demo-access.json, the operator's account included."""
        await _write_operator(service, self)
        return {"url": self.url, "county": "532925", "accounts": self.accounts, "clients": self.clients}


async def write_accounts(work: Work, people: Population, written: Written, signing: Signing, *, full: bool) -> None:
    """Accounts along the county's first branch; of every department where `full`, else of the five with a system."""
    branch = _branch(people)
    for login, post in _chosen(people, branch, full):
        await create_account(work, written.staff[post.person.key], login, signing.password)
        unit = next((one for one in people.organizations if one.code == post.organization), None)
        signing.note(
            work.county.code,
            login,
            post.role,
            organization=post.organization,
            grid=post.grid or (unit.division if unit and unit.kind == "CENTRE" else None),
            name=post.person.name,
            level=unit.level if unit else _level(post.grid),
        )
    await _write_officials(work, written, branch[-1], signing)
    for code in CLIENTS:
        client_id, secret = await create_client(work, written.organizations[code], f"{code} 业务系统", CLIENT_SCOPES)
        signing.clients.append(
            {
                "county": work.county.code,
                "organization": code,
                "client_id": client_id,
                "client_secret": secret,
                "scopes": list(CLIENT_SCOPES),
            }
        )


def _branch(people: Population) -> tuple[str, str, str, str]:
    """County, township, village and level-5 grid codes: the first of each."""
    leaf = next(post.grid for post in people.grid_members if post.role == "grid_member" and post.grid)
    return f"{leaf[:6]}000000", f"{leaf[:9]}000", leaf[:12], leaf


def _chosen(people: Population, branch: tuple[str, str, str, str], full: bool) -> Iterable[tuple[str, PostPlan]]:
    """Who gets an account, with a login that says who it is."""
    county, township, village, leaf = branch
    members = [post for post in people.grid_members if post.grid and post.grid.startswith(village)]
    field_workers = [post for post in members if post.role == "grid_member" and post.grid == leaf]
    field_workers += [post for post in members if post.role == "grid_member" and post.grid != leaf]
    for number, post in enumerate(field_workers[:2], start=1):
        yield f"grid{number}", post
    for name, code in (("county", county), ("township", township), ("village", village)):
        yield f"chief-{name}", next(post for post in people.grid_members if post.grid == code)
        for role in ("officer", "lead"):
            yield f"centre-{name}-{role}", _at(people, f"ZX{code}", f"centre_{role}")
    yield (
        "group-head",
        next(
            post for post in people.posts if post.role == "group_head" and post.grid and post.grid.startswith(village)
        ),
    )
    departments = [one.code for one in people.organizations if one.kind == "DEPARTMENT"]
    for code in departments if full else [code for code in departments if code in CLIENTS]:
        yield f"{code.lower()}-officer", _at(people, code, "department_officer")
        yield f"{code.lower()}-lead", _at(people, code, "department_lead")
    for name, code in (("township-government", f"XZ{township}"), ("village-committee", f"CW{village}")):
        yield f"{name}-officer", _at(people, code, "department_officer")
        yield f"{name}-lead", _at(people, code, "department_lead")
    yield "mediator-township", _at(people, f"TCZX{township}", "mediator")
    yield "mediator-village", _at(people, f"TJW{village}", "mediator")
    yield "leader-county", _at(people, f"LDXZ{county}", "leader")
    yield "leader-township", _at(people, f"LDXZ{township}", "leader")


def _at(people: Population, organization: str, role: str) -> PostPlan:
    return next(post for post in people.posts if post.organization == organization and post.role == role)


def _level(grid: str | None) -> int | None:
    if grid is None:
        return None
    return 5 if len(grid) > 12 else 2 if grid.endswith("000000") else 3 if grid.endswith("000") else 4


async def _write_officials(work: Work, written: Written, leaf: str, signing: Signing) -> None:
    """The three administrators, each with one post only (they exclude each other), and a volunteer."""
    for login, role, name in OFFICIALS:
        staff_id = await _person(work, name, role, None, None)
        await create_account(work, staff_id, login, signing.password)
        signing.note(work.county.code, login, role, name=name, level=2)
    name = "志愿者·阿云"
    staff_id = await _person(work, name, "volunteer", None, written.grids[leaf])
    await create_account(work, staff_id, "volunteer", signing.password)
    signing.note(work.county.code, "volunteer", "volunteer", grid=leaf, name=name, level=5)


async def _person(work: Work, name: str, role: str, organization: UUID | None, grid: UUID | None) -> UUID:
    staff_id = uuid7()
    work.new(Staff, id=staff_id, name=name, organization_id=organization)
    await work.session.flush()
    work.new(
        StaffPost, id=uuid7(), staff_id=staff_id, role=role, organization_id=organization, grid_id=grid, since=work.now
    )
    await work.session.flush()
    return staff_id


async def _write_operator(service: Service, signing: Signing) -> None:
    """The platform's operator, who has no county; their tenant holds nothing else."""
    async with service.platform() as session:
        tenant = (await session.execute(select(County.id).where(County.code == PLATFORM_CODE))).scalar_one_or_none()
    if tenant is None:
        engine = owner_engine(service.settings)
        try:
            async with engine.begin() as owner:
                tenant = await register_county(owner, service, PLATFORM_CODE, "平台", state=CountyState.PLATFORM)
        finally:
            await engine.dispose()
        async with service.open(tenant) as work:
            staff_id = await _person(work, "平台运维", "operator", None, None)
            await create_account(work, staff_id, "operator", signing.password)
    signing.note(PLATFORM_CODE, "operator", "operator", name="平台运维")
