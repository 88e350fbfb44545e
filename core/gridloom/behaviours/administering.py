"""The county's own acts on its mechanisms: elements renamed, regrouped, reordered, disabled, added, confirmed, with service
levels of its own. Each is a version; a matter keeps the version that it began under."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.behaviours.county import ADMINISTER, NOTE, TITLE, element_rows, keep_version
from gridloom.behaviours.models import MechanismElementRow, MechanismElementVersion
from gridloom.clocks.service import Limit, Unit
from gridloom.contract.declare import KEY, Element
from gridloom.errors import Denied, ProblemCode, Refusal, invalid, not_found
from gridloom.work import Work

LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Changes:
    """What the county says of an element; None leaves it as it was. `levels` maps a clock's code to the county's own limit,
    or to None for the declared one."""

    title: str | None = None
    group: str | None = None
    position: int | None = None
    enabled: bool | None = None
    source_note: str | None = None
    confirmed: bool | None = None
    levels: Mapping[str, tuple[int, str] | None] | None = None


def permit(work: Work, step: str) -> None:
    """Raises `Denied` FORBIDDEN for anybody but the county's administrator and the service itself."""
    if ADMINISTER not in work.actor.can and work.actor.kind != "system":
        raise Denied("FORBIDDEN", "denied-forbidden", step=step)


async def edit_element(work: Work, element_id: UUID, version: int, changes: Changes) -> MechanismElementRow:
    """Change an element of the county; a new version of it.

    Raises `Denied` FORBIDDEN, `Refusal` NOT_FOUND, VALIDATION, CONFLICT.
    """
    permit(work, "editElement")
    row = (await work.session.execute(
        select(MechanismElementRow)
        .where(MechanismElementRow.tenant_id == work.tenant, MechanismElementRow.id == element_id)
        .with_for_update()
    )).scalar_one_or_none()
    if row is None:
        raise not_found("elementId")
    _texts(changes)
    levels = _levels(work, row, changes.levels) if changes.levels is not None else None
    if row.version != version:
        raise Refusal(ProblemCode.CONFLICT, "problem-conflict", path=("version",))
    for name in ("title", "group", "position", "enabled", "source_note"):
        value = getattr(changes, name)
        if value is not None:
            setattr(row, name, value)
    if changes.confirmed is not None:
        row.confirmed_at, row.confirmed_by = (work.now, work.actor.id) if changes.confirmed else (None, None)
    if levels is not None:
        row.service_levels = levels
    row.version += 1
    keep_version(work, row)
    work.audit("element.changed", "mechanism_element", row.id, version=row.version)
    return row


async def add_element(
    work: Work, plugin: str, like: str, key: str, title: str, group: str, source_note: str | None = None
) -> MechanismElementRow:
    """Add an element that borrows forms and rules from one of the code.

    Raises `Denied` FORBIDDEN, `Refusal` NOT_FOUND (plugin, like), VALIDATION (key, texts; a key that is taken).
    """
    permit(work, "addElement")
    mechanism = work.host.mechanisms.get(plugin)
    declared = mechanism.element(like) if mechanism is not None else None
    if mechanism is None or declared is None:
        raise not_found("plugin" if mechanism is None else "like")
    _texts(Changes(title=title, group=group, source_note=source_note))
    if not re.match(KEY, key) or len(key) > LONGEST_KEY:
        raise invalid("element-key", "elementKey", limit=LONGEST_KEY)
    rows = await element_rows(work.session, work.tenant, plugin)
    if any(row.key == key for row in rows) or mechanism.element(key) is not None:
        raise invalid("element-key-taken", "elementKey")
    row = work.new(
        MechanismElementRow, plugin=plugin, key=key, like=like, title=title, behaviour=declared.behaviour.key,
        group=group, position=max((row.position for row in rows), default=-1) + 1, enabled=True, status="PROPOSED",
        source_note=source_note, confirmed_at=None, confirmed_by=None, service_levels={}, version=1,
    )
    await work.session.flush()
    keep_version(work, row)
    work.audit("element.added", "mechanism_element", row.id, plugin=plugin, like=like)
    return row


async def versions_of(session: AsyncSession, tenant: UUID, element_id: UUID) -> Sequence[MechanismElementVersion]:
    """How an element was, newest first, at most 100."""
    rows = await session.execute(
        select(MechanismElementVersion)
        .where(MechanismElementVersion.tenant_id == tenant, MechanismElementVersion.element_id == element_id)
        .order_by(MechanismElementVersion.version.desc()).limit(100)
    )
    return rows.scalars().all()


def _texts(changes: Changes) -> None:
    for name, text, limit in (
        ("title", changes.title, TITLE), ("group", changes.group, TITLE), ("sourceNote", changes.source_note, NOTE),
    ):
        if text is not None and not (0 < len(text.strip()) <= limit and "\x00" not in text):
            raise invalid("problem-too-long", name, limit=limit)


def _levels(
    work: Work, row: MechanismElementRow, given: Mapping[str, tuple[int, str] | None]
) -> dict[str, dict[str, object]]:
    """The element's own service levels after these changes. Raises `Refusal` VALIDATION for a clock that it has not, that
    the law sets or that ends on a form's date, and for a limit that cannot be counted."""
    mechanism = work.host.mechanisms.get(row.plugin)
    element: Element | None = mechanism.element(row.like) if mechanism is not None else None
    editable = {clock.code for clock in element.every_clock if not (clock.statutory or clock.until)} if element else set()
    levels = dict(row.service_levels)
    for code, limit in given.items():
        if code not in editable:
            raise invalid("element-no-level", "serviceLevels", code=code)
        if limit is None:
            levels.pop(code, None)
            continue
        try:
            if limit[0] <= 0:
                raise ValueError(code)
            Limit(limit[0], Unit(limit[1]))
        except ValueError:
            raise invalid("element-level-range", "serviceLevels", code=code) from None
        levels[code] = {"value": limit[0], "unit": limit[1]}
    return levels
