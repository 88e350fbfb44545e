"""Opening what is sealed in a matter, the ledger of openings, and rulings kept as precedents."""

from datetime import datetime
from typing import Any

import strawberry

from gridloom.behaviours import models
from gridloom.behaviours.envelopes import Opened, open_envelope
from gridloom.behaviours.types import Matter
from gridloom.cases.text import identifier
from gridloom.context import Info
from gridloom.mutations import run
from gridloom.people.graphql import Organization, Staff
from gridloom.problems import Problem, problems_of
from gridloom.reads import Query, Read, column, connection, extends, many, maps, one, pages
from gridloom.work import Work


@maps(models.MatterReading)
class EnvelopeReading(Read):
    """One opening of what is sealed in a matter.

    at: when
    reader: who opened it
    reason: why, as stated
    fields: which texts were shown, as step.field
    """

    id: strawberry.ID
    at: datetime
    reader: Staff = one("staff_id")
    reason: str
    fields: list[str]


@extends(Matter)
class MatterReadings:
    """The ledger of a matter that holds sealed texts.

    readings: openings, oldest first; whoever may see the matter may see who opened it
    """

    readings: list[EnvelopeReading] = many("matter_id", order=["at"])


@maps(models.MatterPrecedent)
class HandoverPrecedent(Read):
    """A ruling on a matter that was refused twice; the like of it goes to this organisation.

    mechanism: the plugin's key
    element: the element's key
    organization: who answers
    basis: what the objection rested on
    ruling: the centre's words
    at: when
    """

    id: strawberry.ID
    mechanism: str = column("plugin")
    element: str
    organization: Organization = one("organization_id")
    basis: str
    ruling: str
    at: datetime


@pages(HandoverPrecedent, total="bounded")
class HandoverPrecedentConnection:
    """A page of rulings, newest first."""


@extends(Query)
class PrecedentQueries:
    """Rulings of the county's centres on handovers."""

    handover_precedents: HandoverPrecedentConnection = connection(
        args={"mechanism": str, "element": str},
        filters={
            "mechanism": lambda row, value, ask: row.plugin == value,
            "element": lambda row, value, ask: row.element == value,
        },
        order=["-at"], doc="Rulings on matters that were refused twice, newest first.",
    )


@strawberry.input(description="Open what is sealed in a matter.")
class OpenEnvelopeInput:
    """Input of openEnvelope."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; a key that was answered shows no text again.")
    matter_id: strawberry.ID = strawberry.field(description="The matter.")
    reason: str = strawberry.field(description="Why it is opened; kept in the ledger.")
    related: bool = strawberry.field(description="Whether the reader is related to anybody in it; who is may not open it.")


@strawberry.type(description="One sealed text, opened.")
class SealedText:
    """A text and where it was filled in."""

    step: str = strawberry.field(description="Key of the step.")
    field: str = strawberry.field(description="Name of the form's field.")
    text: str = strawberry.field(description="The clear text.")


@strawberry.type(description="The answer to openEnvelope; problems mean that nothing was opened.")
class OpenEnvelopePayload:
    """What was opened."""

    texts: list[SealedText] = strawberry.field(description="Empty where the key had been answered before.")
    replayed: bool
    problems: list[Problem]


@strawberry.type
class EnvelopeMutations:
    """Reading what is sealed."""

    @strawberry.mutation(description="Open what is sealed in a matter; every opening stands in its ledger.")
    async def open_envelope(self, info: Info, input: OpenEnvelopeInput) -> OpenEnvelopePayload:
        opened: list[Opened] = []

        async def step(work: Work) -> dict[str, Any]:
            matter = identifier(input.matter_id, "matterId")
            opened[:] = await open_envelope(work, matter, input.reason, input.related)
            return {"matter": str(matter)}

        outcome = await run(info.context, "openEnvelope", str(input.key), input, step)
        shown = [] if outcome.problems or outcome.replayed else opened
        return OpenEnvelopePayload(
            texts=[SealedText(step=one.step, field=one.field, text=one.text) for one in shown],
            replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale),
        )
