"""What core itself does beside steps, looked up by the step; texts that are sealed are taken out of every form."""

from types import MappingProxyType

from gridloom.behaviours import alarms, crossing, envelopes, meetings, stages, trends, violence
from gridloom.behaviours.act import Acts, Further
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.work import Work

ACTS: Acts = MappingProxyType({
    **alarms.ACTS, **crossing.ACTS, **envelopes.ACTS, **meetings.ACTS, **stages.ACTS, **trends.ACTS, **violence.ACTS,
})  # fmt: skip


async def prepare(work: Work, taking: Taking) -> MatterRow | None:
    """Raises `Refusal` where core cannot take the step. A matter that is this one already is answered instead."""
    act = ACTS.get(taking.step)
    same = await act.prepare(work, taking) if act is not None and act.prepare is not None else None
    envelopes.take_out(taking)
    return same


async def settle(work: Work, taking: Taking, row: MatterRow) -> None:
    """Move owner and counterpart where the step says so."""
    act = ACTS.get(taking.step)
    if act is not None and act.settle is not None:
        await act.settle(work, taking, row)


async def after(work: Work, taking: Taking, row: MatterRow) -> Further:
    """Steps that follow at once."""
    envelopes.put_away(work, taking, row)
    act = ACTS.get(taking.step)
    if act is not None and act.after is not None:
        return await act.after(work, taking, row)
    return ()
