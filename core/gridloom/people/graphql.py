"""Organisations, staff and the caller themself, as outside systems see them."""

import strawberry
from sqlalchemy import func

from gridloom.context import Info
from gridloom.people import models
from gridloom.reads import Binds, Cols, Query, Read, connection, extends, load, maps, one, pages


@strawberry.type(description="A tenant: one county.")
class County:
    """The caller's county."""

    code: str = strawberry.field(description="Six digits of GB/T 2260.")
    name: str = strawberry.field(description="Official name.")
    time_zone: str = strawberry.field(description="IANA name; days and working hours are counted in it.")


@maps(models.Organization)
class Organization(Read):
    """A body of the county: centre, department, township, village, working group, committee, mediation body.

    code: the county's code for it
    name: its name
    kind: a registered code, such as CENTRE, DEPARTMENT, TOWNSHIP, VILLAGE, WORKING_GROUP
    level: the grid level it stands at: 2 county, 3 township, 4 village
    parent: the body above it
    """

    id: strawberry.ID
    code: str
    name: str
    kind: str
    level: int | None
    parent: "Organization | None" = one("parent_id")


@pages(Organization, total="bounded")
class OrganizationConnection:
    """A page of organisations."""


@maps(models.Staff)
class Staff(Read):
    """A person of staff. Staff names are plain; parties and citizens are not staff.

    name: the person's name
    organization: where they work
    """

    id: strawberry.ID
    name: str
    organization: Organization | None = one("organization_id")


@strawberry.type(description="A role held at an organisation and/or over a grid's subtree.")
class Post:
    """One post of the caller."""

    role: str = strawberry.field(description="One of the fourteen roles, such as centre_officer.")
    organization_id: strawberry.Private[object]
    grid_id: strawberry.Private[object]

    @strawberry.field(description="Where it is held.")
    async def organization(self, info: Info) -> Organization | None:
        if self.organization_id is None or info.context.is_platform:
            return None
        return await load(info, Organization, self.organization_id)


@strawberry.type(description="The caller.")
class Me:
    """Who is signed in."""

    id: strawberry.ID = strawberry.field(description="The caller's own id.")
    name: str = strawberry.field(description="The caller's name.")
    permissions: list[str] = strawberry.field(description="Names of the mutations and queries the posts open.")
    posts: list[Post] = strawberry.field(description="Roles held at present.")

    @strawberry.field(description="Null only for the platform's operator.")
    def county(self, info: Info) -> County | None:
        county = info.context.county
        return None if info.context.is_platform else County(
            code=county.code, name=county.name, time_zone=county.time_zone
        )


def _under(row: Cols, value: object, ask: Binds) -> object:
    """Children, grandchildren and great-grandchildren: the three levels of centres and what stands below them."""
    direct = row.parent_id == value
    second = ask.exists(models.Organization, lambda p: (p.id == row.parent_id) & (p.parent_id == value))
    third = ask.exists(
        models.Organization,
        lambda p: (p.id == row.parent_id) & ask.exists(
            models.Organization, lambda g: (g.id == p.parent_id) & (g.parent_id == value)
        ),
    )
    return direct | second | third


ORGANIZATION_FILTERS = {
    "kind": lambda row, value, ask: row.kind == value,
    "code": lambda row, value, ask: row.code == value,
    "under": _under,
    "text": lambda row, value, ask: func.strpos(row.name, value) > 0,
}


@extends(Query)
class PeopleQueries:
    """The caller, and the county's organisations."""

    organizations: OrganizationConnection = connection(
        args={"kind": str, "code": str, "under": strawberry.ID, "text": str}, filters=ORGANIZATION_FILTERS,
        order=["code"], doc="The county's organisations by code.",
    )

    @strawberry.field(description="Who is signed in.")
    async def me(self, info: Info) -> Me:
        actor = info.context.actor
        return Me(
            id=strawberry.ID(str(actor.id)), name=actor.name, permissions=sorted(actor.can),
            posts=[
                Post(role=post.role, organization_id=post.organization_id, grid_id=post.grid_id)
                for post in actor.posts
            ],
        )
