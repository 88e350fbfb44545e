"""Turns between counties: a busy one does not hold up another, what waits is bounded, nothing is lost by leaving."""

import asyncio
from uuid import UUID, uuid4

import pytest

from gridloom.http.messages import HttpRefusal
from gridloom.http.turns import Turns

BUSY, QUIET = uuid4(), uuid4()


async def answer(turns: Turns, county: UUID, name: str, order: list[str]) -> None:
    async with turns.turn(county):
        order.append(name)
        await asyncio.sleep(0)


async def test_a_quiet_county_comes_before_what_a_busy_one_has_waiting() -> None:
    turns, order = Turns(at_once=1), list[str]()
    async with turns.turn(BUSY):
        busy = [asyncio.create_task(answer(turns, BUSY, f"busy {n}", order)) for n in range(5)]
        await asyncio.sleep(0)
        quiet = [asyncio.create_task(answer(turns, QUIET, f"quiet {n}", order)) for n in range(2)]
        await asyncio.sleep(0)
    await asyncio.gather(*busy, *quiet)
    assert order == ["busy 0", "quiet 0", "busy 1", "quiet 1", "busy 2", "busy 3", "busy 4"]
    assert not turns._queues
    assert turns._free == 1


async def test_what_waits_is_bounded() -> None:
    turns, order = Turns(at_once=1, waiting=2), list[str]()
    async with turns.turn(BUSY):
        waiting = [asyncio.create_task(answer(turns, BUSY, str(n), order)) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(HttpRefusal) as refused:
            await answer(turns, BUSY, "3", order)
        quiet = asyncio.create_task(answer(turns, QUIET, "quiet", order))
        await asyncio.sleep(0)
    await asyncio.gather(*waiting, quiet)
    assert (refused.value.status, refused.value.code, refused.value.headers) == (
        503, "LIMIT_EXCEEDED", {"retry-after": "2"},
    )
    assert sorted(order) == ["0", "1", "quiet"]


async def test_who_leaves_takes_no_turn_with_him() -> None:
    turns, order = Turns(at_once=1), list[str]()
    async with turns.turn(BUSY):
        gone = [asyncio.create_task(answer(turns, BUSY, "gone", order)) for _ in range(3)]
        await asyncio.sleep(0)
        gone[0].cancel()
        await asyncio.sleep(0)
    # The turn is given to the second at the end of the block; it leaves before it notices.
    gone[1].cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    assert order == ["gone"]
    assert turns._free == 1
