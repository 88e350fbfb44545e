"""Asks the schema of the lower slices, and keeps the statements that were sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import event

from gridloom.catalogue.graphql import CatalogueQueries
from gridloom.context import request_context
from gridloom.grid.graphql import GridQueries, PostGrid
from gridloom.people.graphql import PeopleQueries
from gridloom.reads import ComposedSchema, compose
from gridloom.work import Actor, CountyView, Post, Works

Sent = tuple[str, Sequence[Any]]


@dataclass(frozen=True)
class Answer:
    """Data, error codes, and the statements with their parameters."""

    data: Any
    errors: list[str | None]
    sent: list[Sent]


def lower_schema() -> ComposedSchema:
    """People, territory and work list."""
    return compose(queries=[PeopleQueries, GridQueries, CatalogueQueries], extensions=[PostGrid])


async def ask(
    works: Works, schema: ComposedSchema, view: CountyView, document: str, posts: tuple[Post, ...] = (),
    **variables: Any,
) -> Answer:
    """Run a document as a user of the county."""
    actor = Actor(UUID(int=7), "user", view.id, "杨静", posts=posts)
    sent: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Sequence[Any], *_rest: Any) -> None:
        if not statement.startswith("SET "):
            sent.append((statement, parameters))

    event.listen(works.engine.sync_engine, "before_cursor_execute", note)
    try:
        async with request_context(works, view, actor, "zh-CN") as context:
            result = await schema.execute(document, variables, context_value=context)
    finally:
        event.remove(works.engine.sync_engine, "before_cursor_execute", note)
    return Answer(result.data, [(error.extensions or {}).get("code") for error in result.errors or ()], sent)
