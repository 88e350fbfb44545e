"""The catalogue as a process keeps it: versions and service levels of a county, read anew when its stamp changes."""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from gridloom.catalogue.defaults import LimitKey
from gridloom.catalogue.limits import Limit
from gridloom.catalogue.models import Catalogue, ServiceLevelVersion, ServiceLimit, WorkItemVersion
from gridloom.errors import not_found
from gridloom.ids import uuid7
from gridloom.work import Work

KEPT_COUNTIES = 32


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """One set of service levels. Its limits never change; a new set is a new version."""

    id: UUID
    version: int
    limits: Mapping[LimitKey, Limit]

    def limit(self, subject: str, code: str, step: str) -> Limit:
        """The limit of a step: ("SEVERITY", severity, "accept"), ("GRADE", grade, "sign"), ("PROCEDURE", "route",
        "sign"). Raises KeyError where the set has none."""
        return self.limits[subject, code, step]


class KeptCatalogue:
    """Every version of every item of a county and its sets of service levels, the newest first, as of one stamp."""

    def __init__(self, versions: list[WorkItemVersion], levels: list[ServiceLevelVersion]) -> None:
        self.levels = levels
        self.by_id = {version.id: version for version in versions}
        self._by_code: dict[str, list[WorkItemVersion]] = defaultdict(list)
        for version in sorted(versions, key=lambda one: one.version, reverse=True):
            self._by_code[version.code].append(version)

    def current(self, code: str, at: datetime) -> WorkItemVersion | None:
        """The version of an item that holds at a moment."""
        for version in self._by_code.get(code, ()):
            if version.valid_from <= at and (version.valid_to is None or version.valid_to > at):
                return version
        return None


_catalogues: OrderedDict[UUID, tuple[UUID, KeptCatalogue]] = OrderedDict()
_levels: OrderedDict[tuple[UUID, UUID], ServiceLevel] = OrderedDict()


async def take_catalogue(work: Work) -> None:
    """Become the one who changes the county's catalogue until the transaction ends, and mark it as changed."""
    stamp = uuid7()
    statement = upsert(Catalogue).values(tenant_id=work.tenant, stamp=stamp)
    await work.session.execute(
        statement.on_conflict_do_update(index_elements=[Catalogue.tenant_id], set_={"stamp": stamp})
    )
    # What this transaction has not written yet must not be kept under its stamp: read it from the tables each time.
    (await work.heads()).forget(Catalogue)


async def catalogue_of(work: Work) -> KeptCatalogue:
    """The county's items and sets of service levels; the head tells whether the kept ones still hold."""
    head = (await work.heads()).of(Catalogue)
    kept = _catalogues.get(work.tenant)
    if head is not None and kept is not None and kept[0] == head["stamp"]:
        _catalogues.move_to_end(work.tenant)
        return kept[1]
    items = await work.session.execute(
        select(WorkItemVersion.__table__).where(WorkItemVersion.tenant_id == work.tenant)
    )
    levels = await work.session.execute(
        select(ServiceLevelVersion.__table__)
        .where(ServiceLevelVersion.tenant_id == work.tenant)
        .order_by(ServiceLevelVersion.version.desc())
    )
    # Rows of their own, of no session: they are shared by every request of the process.
    catalogue = KeptCatalogue(
        [WorkItemVersion(**row) for row in items.mappings()], [ServiceLevelVersion(**row) for row in levels.mappings()]
    )
    if head is not None:
        _catalogues[work.tenant] = (head["stamp"], catalogue)
        while len(_catalogues) > KEPT_COUNTIES:
            _catalogues.popitem(last=False)
    return catalogue


async def service_level(work: Work) -> ServiceLevel:
    """The set of service levels that holds now. Raises `Refusal` NOT_FOUND in a county that was never provisioned."""
    for version in (await catalogue_of(work)).levels:
        if version.valid_from <= work.now and (version.valid_to is None or version.valid_to > work.now):
            return await service_level_of(work, version.id)
    raise not_found()


async def service_level_of(work: Work, service_level_id: UUID) -> ServiceLevel:
    """A set by its id, present or past. Raises `Refusal` NOT_FOUND."""
    key = (work.tenant, service_level_id)
    kept = _levels.get(key)
    if kept is not None:
        _levels.move_to_end(key)
        return kept
    version = (await work.session.execute(
        select(ServiceLevelVersion.version).where(
            ServiceLevelVersion.tenant_id == work.tenant, ServiceLevelVersion.id == service_level_id
        )
    )).scalar_one_or_none()
    if version is None:
        raise not_found()
    rows = (await work.session.execute(
        select(ServiceLimit).where(
            ServiceLimit.tenant_id == work.tenant, ServiceLimit.service_level_id == service_level_id
        )
    )).scalars()
    limits = {(row.subject, row.code, row.step): Limit.of(row.value, row.unit) for row in rows}
    level = ServiceLevel(service_level_id, version, limits)
    _levels[key] = level
    while len(_levels) > 4 * KEPT_COUNTIES:
        _levels.popitem(last=False)
    return level
