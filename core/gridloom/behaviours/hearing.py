"""Facts that core itself acts on: a clock of a matter that ran out, a message that arrived."""

from uuid import UUID

from gridloom.behaviours.messages import take_message
from gridloom.behaviours.timers import run_out
from gridloom.outbox import FactRow
from gridloom.work import CountyView, Works

HEARD = frozenset({"clock.expired", "message.arrived"})


async def hear(works: Works, county: CountyView, fact: FactRow) -> None:
    """Act on a fact; to hear it again changes nothing."""
    if fact.type == "message.arrived":
        await take_message(works, county, UUID(str(fact.data["messageId"])))
    elif fact.data["assignment_id"] == str(fact.case_id):  # a matter's clock stands under the matter's own id
        await run_out(works, county, UUID(str(fact.data["clock_id"])), UUID(str(fact.data["assignment_id"])))
