"""The county's calendar as data: every change makes a new version, and old versions stay readable.

A clock remembers the version it was counted with, so what was explained yesterday is explained the same tomorrow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.clocks.calendar import (
    DEFAULT_HOURS,
    DayKind,
    Override,
    WorkCalendar,
    WorkingHours,
    library_years,
)
from gridloom.clocks.models import Calendar, CalendarDay, CalendarRule
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.ids import uuid7
from gridloom.work import Work

FIRST_YEAR, LAST_YEAR = 2004, 2100
TEXT_LENGTH = 200
_MOST_KEPT = 256

# By the id of the version's rule row: an id is never used again, even where its transaction was rolled back.
_kept: dict[UUID, WorkCalendar] = {}


class CalendarMissing(Exception):
    """The county was never given a calendar: `seed_calendar` belongs to its creation."""


@dataclass(frozen=True, slots=True)
class VersionedCalendar:
    """A calendar, its version, and when that version was made."""

    version: int
    calendar: WorkCalendar
    changed_at: datetime


async def current_calendar(session: AsyncSession, tenant: UUID) -> VersionedCalendar:
    """The county's calendar as it stands. Raises CalendarMissing."""
    head = (await session.execute(
        select(Calendar.version, Calendar.rule_id, Calendar.changed_at).where(Calendar.tenant_id == tenant)
    )).mappings().one_or_none()
    return await _of_head(session, tenant, head)


async def calendar_of(work: Work) -> VersionedCalendar:
    """The same for a unit of work, from the heads it has read. Raises CalendarMissing."""
    head = (await work.heads()).of(Calendar)
    return await (_of_head(work.session, work.tenant, head) if head else current_calendar(work.session, work.tenant))


async def _of_head(session: AsyncSession, tenant: UUID, head: Mapping[Any, Any] | None) -> VersionedCalendar:
    if head is None:
        raise CalendarMissing(str(tenant))
    version = head["version"]
    calendar = _kept.get(head["rule_id"]) or await _read(session, tenant, await _rule(session, tenant, version))
    return VersionedCalendar(version, calendar, head["changed_at"])


async def calendars_of(session: AsyncSession, tenant: UUID, versions: Iterable[int]) -> dict[int, WorkCalendar]:
    """The calendars of these versions."""
    rules = (await session.execute(
        select(CalendarRule).where(CalendarRule.tenant_id == tenant, CalendarRule.version.in_(set(versions)))
    )).scalars()
    return {rule.version: _kept.get(rule.id) or await _read(session, tenant, rule) for rule in rules}


async def _rule(session: AsyncSession, tenant: UUID, version: int) -> CalendarRule:
    return (await session.execute(
        select(CalendarRule).where(CalendarRule.tenant_id == tenant, CalendarRule.version == version)
    )).scalar_one()


async def _read(session: AsyncSession, tenant: UUID, rule: CalendarRule) -> WorkCalendar:
    rows = (await session.execute(
        select(CalendarDay)
        .where(CalendarDay.tenant_id == tenant, CalendarDay.version <= rule.version)
        .ext(distinct_on(CalendarDay.day))
        .order_by(CalendarDay.day, CalendarDay.version.desc())
    )).scalars()
    overrides = {row.day: Override(DayKind(row.kind), row.note, row.source) for row in rows if row.kind is not None}
    calendar = WorkCalendar(
        rule.time_zone, _hours(rule), overrides, rule.published_years, library_through=rule.library_through
    )
    while len(_kept) >= _MOST_KEPT:
        _kept.pop(next(iter(_kept)))
    _kept[rule.id] = calendar
    return calendar


def _hours(rule: CalendarRule) -> WorkingHours:
    return WorkingHours.parse(list(zip(rule.hours[::2], rule.hours[1::2], strict=True)))


async def seed_calendar(work: Work) -> int:
    """Give the county its calendar, or take over years that the calendar package has learnt since. Returns the version.

    Repeatable; call it when a county is made and when a new release starts.
    """
    through = max(library_years())
    head = (await work.session.execute(select(Calendar).where(Calendar.tenant_id == work.tenant))).scalar_one_or_none()
    if head is not None:
        rule = await _rule(work.session, work.tenant, head.version)
        return head.version if rule.library_through >= through else await new_version(work, library_through=through)
    rule_id = uuid7()
    await work.session.execute(insert(CalendarRule).values(
        tenant_id=work.tenant, id=rule_id, version=1, hours=_flat(DEFAULT_HOURS), time_zone=work.county.time_zone,
        published_years=[], library_through=through, made_at=work.now, made_by=work.actor.id,
    ))
    await work.session.execute(
        insert(Calendar).values(tenant_id=work.tenant, version=1, rule_id=rule_id, changed_at=work.now)
    )
    return 1


async def new_version(work: Work, days: Mapping[date, Override | None] | None = None, **changes: Any) -> int:
    """Make the next version: the present rule with `changes`, and these days (None: as published again).

    Waits for a change that is under way. Clocks are not touched.
    """
    rule_id = uuid7()
    version = (await work.session.execute(
        update(Calendar)
        .where(Calendar.tenant_id == work.tenant)
        .values(version=Calendar.version + 1, rule_id=rule_id, changed_at=work.now)
        .returning(Calendar.version)
        .execution_options(synchronize_session=False)
    )).scalar_one_or_none()
    if version is None:
        raise CalendarMissing(str(work.tenant))
    (await work.heads()).forget(Calendar)
    rule = await _rule(work.session, work.tenant, version - 1)
    values = {
        "hours": rule.hours, "time_zone": rule.time_zone, "published_years": rule.published_years,
        "library_through": rule.library_through, **changes,
    }
    await work.session.execute(insert(CalendarRule).values(
        tenant_id=work.tenant, id=rule_id, version=version, made_at=work.now, made_by=work.actor.id, **values,
    ))
    if days:
        await work.session.execute(insert(CalendarDay), [
            {
                "tenant_id": work.tenant, "day": day, "version": version,
                "kind": override.kind if override else None,
                "note": override.note if override else None,
                "source": override.source if override else None,
            }
            for day, override in days.items()
        ])
    work.fact("calendar.changed", version=version, days=[str(day) for day in days or ()])
    work.audit("calendar.change", "calendar", rule_id, version=version)
    return version


def checked_day(day: date, note: str | None, source: str | None) -> None:
    """Refuse a day far from any calendar, and texts that are too long."""
    checked_year(day.year, "date")
    checked_text("note", note)
    checked_text("source", source)


def checked_year(year: int, *path: str) -> None:
    """Refuse a year far from any calendar."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise invalid("clock-day-out-of-range", *(path or ("year",)), first=str(FIRST_YEAR), last=str(LAST_YEAR))


def checked_text(name: str, value: str | None) -> None:
    """Refuse a text that is too long or that the database cannot hold."""
    if value is not None and (len(value) > TEXT_LENGTH or "\x00" in value):
        raise invalid("clock-text-too-long", name, most=TEXT_LENGTH)


def checked_hours(spans: Sequence[Sequence[str]]) -> list[str]:
    """Working hours as stored. Refuses what makes no sense."""
    try:
        return _flat(WorkingHours.parse(spans))
    except (ValueError, TypeError) as error:
        raise Refusal(ProblemCode.VALIDATION, "clock-hours-invalid", path=("hours",)) from error


def _flat(hours: WorkingHours) -> list[str]:
    return [text for span in hours.texts() for text in span]
