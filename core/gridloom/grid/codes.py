"""What other systems call a grid or an organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from gridloom.errors import invalid, not_found
from gridloom.grid.models import CodeSubject, ExternalCode, GridRow
from gridloom.grid.tree import moment
from gridloom.people.models import Organization
from gridloom.work import Work

LONGEST_CODE = 64


async def set_external_code(
    work: Work, subject: CodeSubject, subject_id: UUID, scheme: str, value: str, *, at: datetime | None = None
) -> None:
    """From `at` on (now, or a moment past) the scheme calls the subject `value`; what it called it before ends then.

    Raises `Refusal` NOT_FOUND, VALIDATION when the value is too long, means another subject already, or `at` is early.
    """
    since = moment(work, at)
    if not (1 <= len(value) <= LONGEST_CODE and 1 <= len(scheme) <= LONGEST_CODE):
        raise invalid("external-code-length", "value", limit=LONGEST_CODE)
    model = GridRow if subject is CodeSubject.GRID else Organization
    if await work.session.get(model, (work.tenant, subject_id)) is None:
        raise not_found("subjectId")
    bearer = await subject_of(work, subject, scheme, value)
    if bearer == subject_id:
        return
    if bearer is not None:
        raise invalid("external-code-taken", "value", value=value)
    present = (
        await work.session.execute(
            select(ExternalCode).where(
                ExternalCode.tenant_id == work.tenant, ExternalCode.subject_id == subject_id,
                ExternalCode.scheme == scheme, ExternalCode.valid_to.is_(None),
            )
        )
    ).scalar_one_or_none()
    if present is not None:
        if since <= present.valid_from:
            raise invalid("external-code-too-early", "at")
        present.valid_to = since
    work.new(ExternalCode, subject=subject, subject_id=subject_id, scheme=scheme, value=value, valid_from=since)
    await work.session.flush()


async def subject_of(
    work: Work, subject: CodeSubject, scheme: str, value: str, *, at: datetime | None = None
) -> UUID | None:
    """The grid or organisation that a scheme calls `value` at a moment (now)."""
    held = at or work.now
    statement = select(ExternalCode.subject_id).where(
        ExternalCode.tenant_id == work.tenant, ExternalCode.subject == subject, ExternalCode.scheme == scheme,
        ExternalCode.value == value, ExternalCode.valid_from <= held,
        or_(ExternalCode.valid_to.is_(None), ExternalCode.valid_to > held),
    )
    return (await work.session.execute(statement)).scalar_one_or_none()
