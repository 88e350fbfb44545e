"""What core does beside the steps of alarms: one message once, a device that is known, merging, the case."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from gridloom.behaviours import alarm_intake
from gridloom.behaviours.act import Act, Acts, Further
from gridloom.behaviours.county import Bound
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.cases.codes import Channel, ScopeKind
from gridloom.cases.file import open_file, share
from gridloom.cases.service import Report, report_case
from gridloom.errors import invalid
from gridloom.work import Work

DEBOUNCE = "sl:alarm_debounce"
TEN = timedelta(minutes=10)
AHEAD = timedelta(minutes=5)
MERGING = ("RECEIVED", "CASE_OPENED")


async def _once(work: Work, taking: Taking) -> MatterRow | None:
    """The alarm of the same message, where it came before; refuses devices that are not in force."""
    form = taking.form
    if not isinstance(form, alarm_intake.Receive):
        return None
    if form.at.tzinfo is None or form.at > work.now + AHEAD:
        raise invalid("problem-future", "at")
    await _in_force(work, taking, form.device)
    place = "|".join((str(work.tenant), taking.bound.plugin, taking.bound.key, form.device))
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(place, 0))))
    return (await work.session.execute(
        select(MatterRow).where(
            MatterRow.tenant_id == work.tenant, MatterRow.plugin == taking.bound.plugin,
            MatterRow.element == taking.bound.key, MatterRow.reference == form.message_id,
        ).limit(1)
    )).scalar_one_or_none()


async def _in_force(work: Work, taking: Taking, device: str) -> None:
    """Where the mechanism keeps a registry, only what is in force in it may speak."""
    mechanism = taking.bound.mechanism
    if mechanism is None or not any(one.behaviour.key == "registry" for one in mechanism.elements):
        return
    found = (await work.session.execute(
        select(MatterRow.id).where(
            MatterRow.tenant_id == work.tenant, MatterRow.plugin == taking.bound.plugin,
            MatterRow.behaviour == "registry", MatterRow.reference == device, MatterRow.state == "IN_FORCE",
        ).limit(1)
    )).scalar_one_or_none()
    if found is None:
        raise invalid("alarm-device", "device")


async def _number(_work: Work, taking: Taking, row: MatterRow) -> None:
    if isinstance(taking.form, alarm_intake.Receive):
        row.reference = taking.form.message_id


async def _merged(work: Work, taking: Taking, row: MatterRow) -> Further:
    """Merge into the first alarm of the same device and kind within the while, whether or not its case is open."""
    form = taking.form
    if not isinstance(form, alarm_intake.Receive):
        return ()
    values = MatterRow.forms["receive"]["values"]
    first = (await work.session.execute(
        select(MatterRow).where(
            MatterRow.tenant_id == work.tenant, MatterRow.plugin == row.plugin, MatterRow.element == row.element,
            MatterRow.part == row.part, MatterRow.state.in_(MERGING), MatterRow.id != row.id,
            MatterRow.began_at > work.now - debounce(taking.bound), values["device"].astext == form.device,
            values["kind"].astext == form.kind,
        ).order_by(MatterRow.began_at, MatterRow.id).limit(1)
    )).scalar_one_or_none()
    if first is None:
        return ()
    row.previous_id, row.case_id = first.id, first.case_id
    return [(alarm_intake.merge, alarm_intake.Merge(first=first.reference or ""))]


def debounce(bound: Bound) -> timedelta:
    """Within what time alarms of one device and kind are one: the county's own, the element's, else ten minutes."""
    own = bound.row.service_levels.get(DEBOUNCE) if bound.row is not None else None
    if own is not None:
        hours = own["unit"] in ("h", "hours", "HOUR")
        return timedelta(hours=own["value"]) if hours else timedelta(minutes=own["value"])
    clocks = bound.element.every_clock if bound.element is not None else ()
    return next((timedelta(minutes=one.minutes) for one in clocks if one.code == DEBOUNCE and one.minutes), TEN)


async def _reported(work: Work, taking: Taking, row: MatterRow) -> Further:
    """Report the case through core's own service, as a device's, and let the merged alarms stand with it."""
    form, received = taking.form, row.forms["receive"]["values"]
    if not isinstance(form, alarm_intake.OpenCase):
        return ()
    text = f"设备告警：{received['kind']}，{received['text']}" + (f"。{form.note}" if form.note else "")
    made = await report_case(work, Report(
        text, form.work_item, grid_code=form.grid, channel=Channel.DEVICE,
        external_reference=(taking.bound.key, received["message_id"]),
    ))
    await work.flush()  # the case stands before the alarm points at it
    row.case_id = UUID(made["case"])
    await share(work, await open_file(work, row.case_id), ScopeKind.ORGANIZATION, row.owner_id)
    await work.session.execute(
        update(MatterRow).where(MatterRow.tenant_id == work.tenant, MatterRow.previous_id == row.id)
        .values(case_id=row.case_id)
    )
    return ()


ACTS: Acts = {
    alarm_intake.receive: Act(prepare=_once, settle=_number, after=_merged),
    alarm_intake.open_case: Act(after=_reported),
}
