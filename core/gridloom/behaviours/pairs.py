"""Pairings when the map changes: core proposes the successor of each pairing whose grid was redrawn or ended."""

from uuid import UUID

from sqlalchemy import select

from gridloom.behaviours import pairing
from gridloom.behaviours.models import MatterRow
from gridloom.grid.models import GridRow
from gridloom.outbox import FactRow
from gridloom.work import Work

FACT = "grid.redrawn"
TOUCHING = frozenset({"ended", "boundary", "moved"})


async def to_succeed(work: Work, plugin: str, fact: FactRow) -> list[tuple[MatterRow, UUID]]:
    """A plugin's active pairings of the grid that a fact says was redrawn or ended, each with the grid that follows (the
    same, where it lives; else its parent). Those that have a successor on its way are left out."""
    if fact.type != FACT or fact.data.get("change") not in TOUCHING or "grid" not in fact.data:
        return []
    grid = await work.session.get(GridRow, (work.tenant, UUID(str(fact.data["grid"]))))
    follows = grid.id if grid is not None and grid.ended_at is None else grid.parent_id if grid is not None else None
    if grid is None or follows is None:
        return []
    followed = select(MatterRow.previous_id).where(
        MatterRow.tenant_id == work.tenant, MatterRow.behaviour == pairing.behaviour.key,
        MatterRow.previous_id.is_not(None), MatterRow.open,
    )
    rows = (await work.session.execute(
        select(MatterRow).where(
            MatterRow.tenant_id == work.tenant, MatterRow.plugin == plugin,
            MatterRow.behaviour == pairing.behaviour.key, MatterRow.state == "ACTIVE",
            MatterRow.forms["propose"]["values"]["grid_id"].astext == str(grid.id), MatterRow.id.not_in(followed),
        ).with_for_update()
    )).scalars()
    return [(row, follows) for row in rows]


def successor(row: MatterRow, grid: UUID, day: str) -> dict[str, object]:
    """What is filled in for the pairing that follows: the same person and partner, from today, the same last day."""
    return {**row.forms["propose"]["values"], "grid_id": str(grid), "starts_on": day, "after_id": str(row.id)}
