"""A new county from official division codes: territory, standard organisations, work list, calendar, legal clocks."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from gridloom.catalogue.service import seed_catalogue
from gridloom.clocks.service import seed_calendar, seed_statutory_clocks
from gridloom.errors import Denied
from gridloom.grid.divisions import import_divisions, import_groups
from gridloom.ids import uuid7
from gridloom.migrate import owner_engine
from gridloom.people.models import Organization
from gridloom.runtime import Service
from gridloom.tenancy.models import CountyState
from gridloom.tenancy.service import register_county, set_state
from gridloom.work import Work

Row = Mapping[str, str]
LEVELS = {"county": 2, "township": 3, "village": 4}
# Units that are not one desk: each township and each village has its own.
TERRITORIAL = {"XZ": ("TOWNSHIP", "township", "人民政府"), "CW": ("VILLAGE", "village", "")}


def read_divisions(file: Path) -> list[Row]:
    """The rows of a divisions file (code12, name_zh, level, parent_code12, UTF-8). Raises `Denied` VALIDATION."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows: list[Row] = list(csv.DictReader(handle))
    if not rows or not {"code12", "name_zh", "level", "parent_code12"} <= rows[0].keys():
        raise Denied("VALIDATION", "divisions-columns")
    return rows


def shipped(name: str) -> list[Row]:
    """The rows of a table that ships with the service."""
    text = (resources.files("gridloom.data") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


async def create_county(
    service: Service, code: str, divisions: Sequence[Row], frame: Sequence[Row] | None = None, *,
    since: datetime | None = None,
) -> UUID:
    """Provision the county of a six-digit code; grids and work list hold from `since` on (now).

    Raises `Denied` CONFLICT when it exists, NOT_FOUND when no division row is the county's.
    """
    rows = [row for row in divisions if row["code12"].startswith(code)]
    name = next((row["name_zh"] for row in rows if row["level"] == "county"), None)
    if name is None:
        raise Denied("NOT_FOUND", "divisions-county", code=code)
    engine = owner_engine(service.settings)
    try:
        async with engine.begin() as owner:
            tenant = await register_county(owner, service, code, name)
    finally:
        await engine.dispose()
    async with service.open(tenant) as work:
        await furnish(work, rows, frame, since=since)
    return tenant


async def furnish(
    work: Work, divisions: Sequence[Row], frame: Sequence[Row] | None = None, *, since: datetime | None = None
) -> dict[str, UUID]:
    """Give a county its territory, standard organisations, work list, service levels, calendar and legal clocks.

    `frame` rows say how villages are cut (code12, l5_grids) and how many villager groups they have (village_groups;
    without that column no groups are made). Returns the ids of the grids by code.
    """
    grids = await import_divisions(work, divisions, frame, since=since)
    if frame is not None and all("village_groups" in row for row in frame):
        await import_groups(work, frame)
    await add_organizations(work, standard_organizations(divisions), grids)
    await seed_calendar(work)
    await seed_statutory_clocks(work)
    await seed_catalogue(work, since=since)
    work.audit("county.provisioned", "county", work.tenant, grids=len(grids))
    return grids


def standard_organizations(divisions: Iterable[Row]) -> list[dict[str, Any]]:
    """The bodies every county has: a centre on each of three levels, the departments, governments and committees.

    Rows: code, name, kind, line, level, parent (a code) and grid (a 12-digit code), parents before children.
    """
    rows = sorted((row for row in divisions if row["level"] in LEVELS), key=lambda row: LEVELS[row["level"]])
    county = next(row for row in rows if row["level"] == "county")
    found = [_centre(row) for row in rows]
    for unit in shipped("departments.csv"):
        if unit["code"] not in TERRITORIAL:
            found.append(_body(unit["code"], unit["name_zh"], "DEPARTMENT", 2, centre_code(county["code12"]),
                               county["code12"], unit["line"]))
    for code, (kind, level, suffix) in TERRITORIAL.items():
        for row in (row for row in rows if row["level"] == level):
            parent = f"XZ{row['parent_code12']}" if code == "CW" else None
            name = row["name_zh"] + suffix if suffix else committee_name(row["name_zh"])
            found.append(_body(f"{code}{row['code12']}", name, kind, LEVELS[level], parent, row["code12"], "属地"))
    return found


def centre_code(division: str) -> str:
    """The code of the centre (综治中心) of a 12-digit division code."""
    return f"ZX{division}"


def committee_name(village: str) -> str:
    """谷芹村委会 → 谷芹村民委员会; 毗江社区 → 毗江社区居民委员会."""
    if "社区" in village:
        return village.split("社区")[0] + "社区居民委员会"
    return village.removesuffix("村民委员会").removesuffix("村委会").removesuffix("村") + "村民委员会"


async def add_organizations(
    work: Work, organizations: Sequence[Mapping[str, Any]], grids: Mapping[str, UUID]
) -> dict[str, UUID]:
    """Enter organisations (rows as `standard_organizations` gives them, parents first); returns their ids by code."""
    ids = {row["code"]: uuid7() for row in organizations}
    known = ids | await _known_codes(work, [row["parent"] for row in organizations if row["parent"]])
    rows = [
        {
            "tenant_id": work.tenant, "id": ids[row["code"]], "code": row["code"], "name": row["name"],
            "kind": row["kind"], "line": row["line"], "level": row["level"],
            "parent_id": known[row["parent"]] if row["parent"] else None, "grid_id": grids.get(row["grid"]),
        }
        for row in organizations
    ]
    for start in range(0, len(rows), 500):
        await work.session.execute(insert(Organization), rows[start:start + 500])
    return ids


async def _known_codes(work: Work, codes: Sequence[str]) -> dict[str, UUID]:
    rows = await work.session.execute(
        Organization.__table__.select().with_only_columns(Organization.code, Organization.id).where(
            Organization.tenant_id == work.tenant, Organization.code.in_(sorted(set(codes)))
        )
    )
    return {row.code: row.id for row in rows}


async def suspend_county(service: Service, code: str, *, resume: bool = False) -> None:
    """Refuse every step of a county, or let it work again. Raises `Denied` NOT_FOUND."""
    engine = owner_engine(service.settings)
    try:
        async with engine.begin() as owner:
            await set_state(owner, code, CountyState.ACTIVE if resume else CountyState.SUSPENDED)
    finally:
        await engine.dispose()


def _centre(row: Row) -> dict[str, Any]:
    level = LEVELS[row["level"]]
    name = row["name_zh"].removesuffix("村委会").removesuffix("村民委员会")
    if level == LEVELS["village"] and "社区" not in name:
        name = name.removesuffix("村") + "村"
    parent = centre_code(row["parent_code12"]) if level > LEVELS["county"] else None
    return _body(centre_code(row["code12"]), f"{name}综治中心", "CENTRE", level, parent, row["code12"], "政法")


def _body(
    code: str, name: str, kind: str, level: int, parent: str | None, grid: str, line: str
) -> dict[str, Any]:
    return {
        "code": code, "name": name, "kind": kind, "level": level, "parent": parent, "grid": grid, "line": line,
    }
