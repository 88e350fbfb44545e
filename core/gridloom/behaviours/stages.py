"""Whether a stage is met in time or late is core's to say, by the stage's own clocks."""

from collections.abc import Awaitable, Callable
from types import MappingProxyType

from gridloom.behaviours import timed_stage
from gridloom.behaviours.act import Act, Acts
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.clocks.models import ClockState
from gridloom.clocks.service import open_clocks
from gridloom.errors import ProblemCode, Refusal
from gridloom.work import Work


def _with_clock(late: bool) -> Callable[[Work, Taking], Awaitable[MatterRow | None]]:
    async def prepare(work: Work, taking: Taking) -> None:
        row = taking.row
        clocks = await open_clocks(work, assignment_id=row.id) if row is not None else []
        over = any(clock.due_at <= work.now for clock in clocks if clock.state != ClockState.PAUSED)
        if over is not late:
            raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "stage-is-late" if over else "stage-is-in-time")

    return prepare


ACTS: Acts = MappingProxyType({
    timed_stage.finish: Act(prepare=_with_clock(False)), timed_stage.finish_late: Act(prepare=_with_clock(True)),
})  # fmt: skip
