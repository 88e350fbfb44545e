"""The figures that are kept, in the form of `recount`."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from gridloom.feed.service import deliver
from gridloom.insight.models import FigureDesk, FigureFlow, FigureGrid, FigureUnit
from gridloom.insight.service import keep_figures
from gridloom.work import CountyView, Works
from tests.insight.recount import recount

KEYS = {
    FigureGrid: ("grid", ("id",)), FigureDesk: ("desk", ("id",)), FigureUnit: ("unit", ("organization_id", "since")),
    FigureFlow: ("flow", ("span", "part", "since", "grid_id", "key")),
}


async def kept(works: Works, county: CountyView) -> dict[str, Counter[Any]]:
    """All counters that are not zero."""
    found: dict[str, Counter[Any]] = {}
    async with works.reading(county) as session:
        for model, (name, keys) in KEYS.items():
            counts: Counter[Any] = Counter()
            for row in (await session.execute(select(model.__table__).where(model.tenant_id == county.id))).mappings():
                for column, number in row.items():
                    if column not in ("tenant_id", "id", *keys) and number:
                        counts[(*(row[key] for key in keys), column)] = number
            found[name] = counts
    return found


async def recounted(works: Works, county: CountyView) -> dict[str, Counter[Any]]:
    """The same by plain SQL over the rows, at this moment."""
    async with works.reading(county) as session:
        return await recount(session, county.id, county.time_zone, works.clock.now())


async def caught_up(works: Works, county: CountyView) -> int:
    """Deliver and count until nothing is left; how many rounds of counting did something."""
    rounds = 0
    while True:
        async with works.open(county) as work:
            delivered = await deliver(work)
        counted = await keep_figures(works, county)
        rounds += bool(counted)
        if not delivered and not counted:
            return rounds


def unlike(kept: dict[str, Counter[Any]], counted: dict[str, Counter[Any]]) -> list[str]:
    """What differs, a line for each counter."""
    return [
        f"{name} {key}: kept {kept[name][key]}, counted {counted[name][key]}"
        for name in counted for key in sorted(kept[name].keys() | counted[name].keys(), key=str)
        if kept[name][key] != counted[name][key]
    ]
