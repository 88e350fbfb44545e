"""Writing the demo's quarter of life."""

from collections.abc import Callable
from uuid import UUID

from gridloom.demo.frame import GridPlan
from gridloom.demo.life import quarter
from gridloom.demo.people import Population
from gridloom.demo.replay import Replay
from gridloom.demo.residents import Written
from gridloom.runtime import Service

Progress = Callable[[str, float], None]


async def write_history(
    service: Service, tenant: UUID, grids: list[GridPlan], people: Population, shapes: object, written: Written,
    cases: int, progress: Progress,
) -> None:
    """Carry `cases` plans out in the county."""
    replay = Replay(service, tenant, written)
    for done, plan in enumerate(quarter(grids, shapes, people, service.clock.now(), cases=cases)):
        await replay.run(plan)
        progress("cases", done / cases)
