"""Messages that departments' systems send: taken in once by the channel's own id, then asked about, then written.

A channel's form says what a message may hold. What holds anything else (a picture, a plate, a face) is refused as it arrives
and nothing of it is kept.
"""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gridloom.behaviours import service
from gridloom.behaviours.county import keep_failures
from gridloom.behaviours.filling import fill
from gridloom.behaviours.models import MessageRow, MessageState, PluginAnswer
from gridloom.behaviours.timers import place_named
from gridloom.cases.service import Report, report_case
from gridloom.contract.declare import Mechanism
from gridloom.contract.types import Intake, Message
from gridloom.errors import Denied, Refusal, invalid, not_found
from gridloom.ids import uuid7
from gridloom.work import CountyView, Work, Works

logger = logging.getLogger(__name__)
LONGEST = 200


async def arrive(work: Work, channel: str, sent_id: str, data: Mapping[str, Any]) -> tuple[UUID, bool]:
    """Take a message in; (its id, whether it had come before). Plugins are asked by the worker.

    Raises `Denied` FORBIDDEN, `Refusal` NOT_FOUND for a channel that nobody reads, VALIDATION for what its form refuses.
    """
    if service.PERMISSION not in work.actor.can:
        raise Denied("FORBIDDEN", "denied-forbidden", step="deliverMessage")
    if not 0 < len(sent_id) <= LONGEST or "\x00" in sent_id:
        raise invalid("problem-too-long", "id", limit=LONGEST)
    reading = _readers(work, channel)
    if not reading:
        raise not_found("channel")
    filled = fill(reading[0].channels[channel], data, "data")
    made = (await work.session.execute(
        pg_insert(MessageRow).values(
            tenant_id=work.tenant, id=uuid7(), channel=channel, sent_id=sent_id, data=filled.model_dump(mode="json"),
            client_id=work.actor.id, state=MessageState.WAITING, attempts=0, cases=[], arrived_at=work.now,
        ).on_conflict_do_nothing(index_elements=["tenant_id", "channel", "sent_id"]).returning(MessageRow.id)
    )).scalar_one_or_none()
    if made is None:
        known = (await work.session.execute(
            select(MessageRow.id).where(
                MessageRow.tenant_id == work.tenant, MessageRow.channel == channel, MessageRow.sent_id == sent_id
            )
        )).scalar_one()
        return known, True
    work.fact("message.arrived", None, scopes=(), messageId=str(made), channel=channel)
    return made, False


def _readers(work: Work, channel: str) -> list[Mechanism]:
    """Mechanisms that are on and read this channel."""
    every = (work.host.mechanisms.get(key) for key in sorted(work.county.plugins))
    return [one for one in every if one is not None and channel in one.channels]


async def take_message(works: Works, county: CountyView, message_id: UUID) -> None:
    """Ask the plugins about a message and write what they want, all in one transaction, once."""
    async with works.open(county) as work:
        row = (await work.session.execute(
            select(MessageRow).where(MessageRow.tenant_id == work.tenant, MessageRow.id == message_id).with_for_update()
        )).scalar_one_or_none()
        if row is None or row.state != MessageState.WAITING:
            return
        answers = work.host.message_arrived(Message(row.channel, row.sent_id, row.data), work.county.switched)
        keep_failures(work, answers.failures, None, row.id)
        for answer in answers.shadow:
            work.new(
                PluginAnswer, plugin=answer.plugin, question="message_arrived", outcome="SHADOW", mutation=None,
                subject_id=row.id, detail=", ".join(one.work_item or one.element for one in answer.values)[:2000],
                at=work.now,
            )
        row.attempts, row.taken_at = row.attempts + 1, work.now
        try:
            async with work.session.begin_nested():
                cases = [await _write(work, answer.plugin, one) for answer in answers.given for one in answer.values]
        except (Refusal, Denied) as refused:
            logger.exception("message %s could not be taken", message_id)
            row.state, row.problem = MessageState.FAILED, str(refused)
            return
        row.cases = [one for one in cases if one is not None]
        row.state = MessageState.TAKEN if any(answer.values for answer in answers.given) else MessageState.DROPPED


async def _write(work: Work, plugin: str, intake: Intake) -> UUID | None:
    """A case through the ordinary report, or a matter of the plugin's own element; the id of the case."""
    if intake.form is not None:
        mechanism = work.host.mechanisms[plugin]
        place = await place_named(work, mechanism.department)
        await service.begin(work, plugin, intake.element, intake.step, intake.form.model_dump(), organization=place)
        return None
    made = await report_case(work, Report(intake.description, intake.work_item, grid_code=intake.grid_code))
    return UUID(made["case"])
