"""Imports of registers and messages of departments' systems, over GraphQL."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from gridloom.behaviours.importing import bring_in, look_at
from gridloom.behaviours.messages import arrive
from gridloom.context import Info
from gridloom.errors import Refusal, invalid
from gridloom.mutations import run
from gridloom.problems import Problem, given, problem_of, problems_of
from gridloom.reads import Query, extends
from gridloom.work import Work

_LISTED = 200
Rows = Annotated[JSON, strawberry.argument(description="A list of 1 to 2,000 objects: the field's name → its value.")]


def _listed(rows: Any) -> list[Any]:
    if not isinstance(rows, list):
        raise invalid("form-wrong", "rows")
    return rows


@strawberry.type(description="What is wrong with one row of an import.")
class RowProblem:
    """A row and its first problem."""

    row: int = strawberry.field(description="Counted from 0.")
    problem: Problem = strawberry.field(description="Why the row is not in order.")


@strawberry.type(description="An import that was tried; nothing was written.")
class TriedImport:
    """What would come of it."""

    fitting: int = strawberry.field(description="Rows that are in order.")
    wrong: int = strawberry.field(description="Rows that are not.")
    row_problems: list[RowProblem] = strawberry.field(description="Of the first 200 rows that are not in order.")
    problems: list[Problem] = strawberry.field(description="Why nothing was looked at, where that is so.")


@extends(Query)
class ImportQueries:
    """Dry runs."""

    @strawberry.field(
        description="Look at rows as importMatters would: a list with an object a row, its fields those of the first step."
    )
    async def try_import(self, info: Info, plugin: str, element: str, rows: Rows) -> TriedImport:
        context = info.context
        async with context.reading() as session:
            work = Work(session, context.county, context.actor, context.works.clock.now(), context.works)
            try:
                batch = await look_at(work, plugin, element, _listed(rows))
            except Refusal as refusal:
                return TriedImport(
                    fitting=0, wrong=0, row_problems=[], problems=[problem_of(refusal, context.locale)]
                )
        shown = [
            RowProblem(row=one.row, problem=problem_of(one.refusal, context.locale)) for one in batch.problems[:_LISTED]
        ]
        return TriedImport(
            fitting=len(batch.fitting), wrong=len(batch.problems), row_problems=shown, problems=[]
        )


@strawberry.input(description="Many entries of a register, all of them or none.")
class ImportMattersInput:
    """Rows to register."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; sent twice it answers once.")
    plugin: str = strawberry.field(description="The mechanism's key.")
    element: str = strawberry.field(description="The element's key.")
    rows: JSON = strawberry.field(description="A list of 1 to 2,000 objects: the field's name → its value.")


@strawberry.type(description="The answer to importMatters; problems mean that nothing changed.")
class ImportPayload:
    """How many rows were registered."""

    imported: int = strawberry.field(description="Rows that were registered.")
    replayed: bool
    problems: list[Problem]


@strawberry.input(description="Something that a department's system tells.")
class DeliverMessageInput:
    """One message."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; sent twice it answers once.")
    channel: str = strawberry.field(description="A channel that one of the county's mechanisms reads.")
    message_id: str = strawberry.field(description="The channel's own id; sent twice it counts once.")
    data: JSON = strawberry.field(description="An object that fits the channel's form; anything else is not kept.")


@strawberry.type(description="The answer to deliverMessage; problems mean that nothing was kept.")
class MessagePayload:
    """Whether it came before."""

    known: bool = strawberry.field(description="The channel's id had come before; nothing more follows from it.")
    replayed: bool
    problems: list[Problem]


@strawberry.type
class ImportMutations:
    """What comes in many at a time, or from systems."""

    @strawberry.mutation(description="Register many entries in one transaction; try them first with tryImport.")
    async def import_matters(self, info: Info, input: ImportMattersInput) -> ImportPayload:
        async def step(work: Work) -> dict[str, str]:
            return {"count": str(await bring_in(work, input.plugin, input.element, _listed(input.rows)))}

        outcome = await run(info.context, "importMatters", str(input.key), input, step)
        return ImportPayload(
            imported=int(outcome.ids.get("count", 0)), replayed=outcome.replayed,
            problems=problems_of(outcome, info.context.locale),
        )

    @strawberry.mutation(description="Deliver a message of a department's system; what follows from it follows soon after.")
    async def deliver_message(self, info: Info, input: DeliverMessageInput) -> MessagePayload:
        async def step(work: Work) -> dict[str, str]:
            data: Any = given(input.data)
            if not isinstance(data, Mapping):
                raise invalid("form-wrong", "data")
            message, known = await arrive(work, input.channel, input.message_id, data)
            return {"message": str(message), "known": str(int(known))}

        outcome = await run(info.context, "deliverMessage", str(input.key), input, step)
        return MessagePayload(
            known=outcome.ids.get("known") == "1", replayed=outcome.replayed,
            problems=problems_of(outcome, info.context.locale),
        )


