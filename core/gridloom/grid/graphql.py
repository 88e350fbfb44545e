"""The territory as outside systems see it. Every signed-in user of the county may read it."""

from typing import Annotated, Any, cast

import strawberry
from sqlalchemy import and_, any_, func, or_

from gridloom.context import Info
from gridloom.grid import models
from gridloom.grid.location import locate_in
from gridloom.people.graphql import Post
from gridloom.people.models import Staff
from gridloom.reads import Binds, Cols, Query, connection, expr, extends, load, many, maps, one, pages


def _serving(member: Cols, ask: Binds) -> Any:
    return and_(member.since <= ask.now, or_(member.until.is_(None), member.until > ask.now))


@maps(models.GridMemberRow)
class GridMember:
    """A person who works in a grid at present.

    name: the person's name
    role: grid_member, grid_chief, group_head or volunteer
    """

    name: str = expr(lambda member, ask: ask.value(Staff, lambda s: s.name, lambda s: s.id == member.staff_id))
    role: str


@maps(models.GridRow)
class Grid:
    """A grid of the county's tree, as it is at present.

    id: stays the same when the grid is renamed, recoded, moved or redrawn
    code: 12 digits for county, township and village, 3 more for a level-5 grid
    name: its name
    level: 2 county, 3 township, 4 village, 5 grid
    path: the grids above it from the root down, and itself last
    parent: the grid above it, null for the county's own
    members: who works in this grid itself, longest first
    member_count: how many work in this grid itself
    """

    id: strawberry.ID
    code: str
    name: str
    level: int
    # By the path and not by the closure: a case may still name a grid that has been abolished.
    path: "list[Grid]" = many(on=lambda above, me, ask: above.id == any_(me.path), order=["level"])
    parent: "Grid | None" = one("parent_id")
    members: list[GridMember] = many("grid_id", where=_serving, order=["since"])
    member_count: int = expr(
        lambda grid, ask: ask.count(
            models.GridMemberRow, lambda member: and_(member.grid_id == grid.id, _serving(member, ask))
        )
    )


@pages(Grid, total="bounded")
class GridConnection:
    """A page of grids, by code."""


GRID_FILTERS = {
    "level": lambda grid, value, ask: grid.level == value,
    "under": lambda grid, value, ask: ask.exists(
        models.GridAncestor, lambda above: and_(above.ancestor_id == value, above.grid_id == grid.id)
    ),
    "text": lambda grid, value, ask: or_(func.strpos(grid.name, value) > 0, func.starts_with(grid.code, value)),
}

@extends(Post)
class PostGrid:
    """Where a post that concerns a territory is held."""

    @strawberry.field(description="The grid whose subtree it concerns.")
    async def grid(self, info: Info) -> Grid | None:
        post = cast(Post, self)
        if post.grid_id is None or info.context.is_platform:
            return None
        return await load(info, Grid, post.grid_id)


@extends(Query)
class GridQueries:
    """The county's grids, and the one at a place."""

    grids: GridConnection = connection(
        args={"level": int, "under": strawberry.ID, "text": str}, filters=GRID_FILTERS,
        where=lambda grid, ask: grid.ended_at.is_(None), order=["code"],
        doc="Grids by code: of a level, in the subtree of a grid (itself included), with a text in the name or the "
            "beginning of a code.",
    )

    @strawberry.field(description="The deepest grid at a place; null outside the county's boundaries.")
    async def grid_at(
        self,
        info: Info,
        longitude: Annotated[float, strawberry.argument(description="Degrees east, CGCS2000.")],
        latitude: Annotated[float, strawberry.argument(description="Degrees north, CGCS2000.")],
    ) -> Grid | None:
        async with info.context.reading() as session:
            found = await locate_in(session, info.context.tenant, longitude, latitude)
        return None if found is None else await load(info, Grid, found)
