"""Clocks as outside systems see them, with the explanation of their dates."""

from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

import strawberry
from strawberry.dataloader import DataLoader

from gridloom.clocks import models
from gridloom.clocks.calendar import Message, Note
from gridloom.clocks.explain import Explanation, explanations
from gridloom.clocks.limits import DayReason, Span
from gridloom.clocks.models import ClockKind, ClockState
from gridloom.context import Info, RequestContext
from gridloom.i18n import translate
from gridloom.reads import Read, maps

strawberry.enum(ClockKind, description="SERVICE: the county's own service level. STATUTORY: set by law, cited.")
strawberry.enum(ClockState, description="STOPPED is final; an EXPIRED clock waits until its step is taken, late.")
strawberry.enum(DayReason, description="Why a span of a clock counts, or does not.")


@strawberry.type(description="A stretch of a clock's count; the spans are contiguous and split at each midnight.")
class ClockSpan:
    """One stretch."""

    from_: datetime = strawberry.field(name="from", description="Where it begins.")
    to: datetime = strawberry.field(description="Where it ends; the next one begins here.")
    counted_minutes: int = strawberry.field(
        description="What it adds to the count; a whole day counted is 1,440. All of them add up to the limit."
    )
    reason: DayReason = strawberry.field(description="Why it counts, or does not.")
    note: str | None = strawberry.field(description="The holiday's name, what was missing, the working hours …")
    source: str | None = strawberry.field(description="The rule or arrangement that says so.")
    provisional: bool = strawberry.field(
        description="The end may still move here: the holidays of this year are not published yet."
    )


@maps(models.ClockRow)
class Clock(Read):
    """A time limit of a case, or of one assignment in it, counted by the county's calendar.

    kind: the county's own service level, or a limit set by law
    code: which limit; of a legal one its code in the catalogue
    label: its name
    limit_value: how much of the unit
    unit: min, h (elapsed), wh (working hours), d, wd (whole days, working days) or month
    source: the law that sets it; null for a service level
    started_at: when it began
    stopped_at: when the step it waited for was taken; null before
    """

    id: strawberry.ID
    kind: ClockKind
    code: str
    label: str
    limit_value: int
    unit: str
    source: str | None
    started_at: datetime
    stopped_at: datetime | None
    state: ClockState

    @strawberry.field(
        description="When it ends. Whole days end at 24:00, which is 00:00 of the next day. While the clock is paused: "
        "what it would be if resumed now."
    )
    async def due_at(self, info: Info) -> datetime:
        if self.row["state"] != ClockState.PAUSED:
            return _moment(self.row["due_at"])
        return (await _explained(info.context, self.row["id"])).due_at

    @strawberry.field(
        description="Whether the end rests on a year whose holidays are unpublished; it is counted anew when they are."
    )
    async def provisional(self, info: Info) -> bool:
        if self.row["state"] != ClockState.PAUSED:
            return bool(self.row["provisional"])
        return (await _explained(info.context, self.row["id"])).provisional

    @strawberry.field(
        description="How the end was counted, day by day. While the clock is paused the last span is PAUSED up to now."
    )
    async def explanation(self, info: Info) -> list[ClockSpan]:
        found = await _explained(info.context, self.row["id"])
        return [_span(span, info.context.locale) for span in found.spans]


_loaders: WeakKeyDictionary[RequestContext, DataLoader[UUID, Explanation]] = WeakKeyDictionary()


async def _explained(context: RequestContext, clock_id: UUID) -> Explanation:
    """All clocks that a request asks about in one turn are explained together; nothing is remembered."""
    loader = _loaders.get(context)
    if loader is None:
        loader = _loaders[context] = DataLoader(lambda ids: _explain_all(context, ids), cache=False)
    return await loader.load(clock_id)


async def _explain_all(context: RequestContext, clock_ids: list[UUID]) -> list[Explanation]:
    async with context.reading() as session:
        found = await explanations(session, context.tenant, clock_ids, context.works.clock.now())
    return [found[clock_id] for clock_id in clock_ids]


def _span(span: Span, locale: str) -> ClockSpan:
    return ClockSpan(
        from_=span.start, to=span.end, counted_minutes=span.counted_minutes, reason=span.reason,
        note=note_text(span.note, locale), source=span.source, provisional=span.provisional,
    )


def note_text(note: Note | None, locale: str) -> str | None:
    """A remark in the reader's language; what people wrote stays as they wrote it."""
    if isinstance(note, Message):
        return translate(locale, note.id, **dict(note.params))
    return note


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"not a moment: {value!r}")
    return value
