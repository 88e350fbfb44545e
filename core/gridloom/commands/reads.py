"""`gridloom reads …`: what a GraphQL document becomes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from graphql import GraphQLError
from sqlalchemy import select

from gridloom.access.models import Account
from gridloom.commands.console import err, fail, out, run
from gridloom.commands.installation import county_of, service
from gridloom.context import request_context
from gridloom.errors import Denied
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, Prepared, Rejected, prepare
from gridloom.people.service import staff_actor
from gridloom.reads import ComposedSchema
from gridloom.reads.plans import plan, values
from gridloom.reads.selection import NotCompilable, Reader, given_at
from gridloom.runtime import Service
from gridloom.schema import Schemas
from gridloom.work import Actor, CountyView

LOCALE = "zh-CN"
NO_MARK = "-"
group = typer.Typer(no_args_is_help=True, help="Compiled reads.")
Document = typer.Argument(exists=True, dir_okay=False, help="A file with a GraphQL document.")
County = typer.Option("532925", help="Administrative code of the county.")
Login = typer.Option("admin", "--account", help="Account that asks: its permissions shape the statement.")
Operation = typer.Option(None, help="Name of the operation, where the document holds several.")
Variables = typer.Option("{}", help="Variables, as JSON.")


@dataclass(frozen=True, slots=True)
class Explained:
    """The one statement of a document and the database's plan for it, with what it really took."""

    statement: str
    plan: Sequence[str]


@group.callback()
def about() -> None:
    """Compiled reads."""


@group.command("explain")
def explain(
    file: Path = Document,
    county: str = County,
    login: str = Login,
    operation: str | None = Operation,
    variables: str = Variables,
) -> None:
    """Show the one SQL statement of a query and the database's plan for it, or why Python resolves it."""
    try:
        given = json.loads(variables)
    except ValueError as error:
        fail(f"The variables are no JSON: {error}.")
    explained = run(_explain(file.read_text(encoding="utf-8"), operation, given, county, login))
    err.print("compiled: one statement", style="bold")
    out.print(explained.statement, soft_wrap=True, markup=False)
    err.print("\nplan", style="bold")
    out.print("\n".join(explained.plan), soft_wrap=True, markup=False)


async def _explain(text: str, operation: str | None, given: dict[str, Any], code: str, login: str) -> Explained:
    async with service() as opened:
        county = await county_of(opened, code)
        actor = await _actor(opened, county, login)
        schema = Schemas(opened.host).of(county.plugins)
        try:
            document = Documents(Limits()).get(schema._schema, text, developer=True)
            prepared = prepare(schema._schema, document, operation, given, Limits(), developer=True)
        except Rejected as rejected:
            fail(f"GraphQL refuses it: {'; '.join(error.message for error in rejected.errors)}")
        return await _planned(opened, county, actor, schema, prepared)


async def _planned(
    opened: Service, county: CountyView, actor: Actor, schema: ComposedSchema, prepared: Prepared
) -> Explained:
    """Compile for this actor and let the database run and explain it, in the county's read-only transaction."""
    variables = prepared.variables
    try:
        reading = Reader(
            schema._schema, schema.registry, prepared.operation, prepared.document.fragments, variables
        ).read()
        given = [given_at(site, variables, schema) for site in reading.sites]
    except NotCompilable as reason:
        fail(f"Not compiled: Python resolves {reason}, and so the whole document.")
    except (GraphQLError, Denied) as refused:
        fail(f"GraphQL refuses its arguments: {refused}")
    async with request_context(opened, county, actor, LOCALE) as context:
        if context.ask is None:
            fail("The county's operator reads nothing.")
        async with context.reading() as session:
            connection = await session.connection()
            made = plan(reading, given, context.ask.can, NO_MARK, connection.dialect)
            parameters = made.parameters(values(given, context.ask))
            rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {made.text}", parameters)
            return Explained(made.text, [row[0] for row in rows])


async def _actor(opened: Service, county: CountyView, login: str) -> Actor:
    async with opened.reading(county) as session:
        staff = (
            await session.execute(
                select(Account.staff_id).where(Account.tenant_id == county.id, Account.login == login)
            )
        ).scalar_one_or_none()
        actor = await staff_actor(session, county.id, staff, opened.clock.now(), LOCALE) if staff else None
    if actor is None:
        fail(f"There is no account {login} in county {county.code}.")
    return actor
