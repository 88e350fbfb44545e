"""Keeping a county's figures: counted as facts are delivered, made anew where that is asked for."""

from uuid import UUID

from gridloom.insight.counting import count_batch, locked_head
from gridloom.insight.rebuilding import NEVER, Verdict, begin_head, check, rebuild
from gridloom.work import CountyView, Work, Works

__all__ = ["Verdict", "check", "count", "keep_figures", "rebuild"]


async def keep_figures(works: Works, county: CountyView | UUID) -> int:
    """Count what was delivered and not counted yet, at most 500 facts, in a transaction of its own; how many there were."""
    async with works.open(county) as work:
        return await count(work)


async def count(work: Work) -> int:
    """Count the next facts; 0 when there are none, or while another worker counts.

    A county that was never counted is counted whole: its facts may be gone, its rows are not.
    """
    head = await locked_head(work)
    if head is None:
        return int(await begin_head(work))
    if head.position == NEVER:
        return 1 + await rebuild(work)
    return await count_batch(work, head)
