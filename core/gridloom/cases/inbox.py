"""Inbox rows: what waits for whom. They are compared with what the case's state asks for and changed in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from gridloom.cases.file import CaseFile
from gridloom.cases.models import InboxItemRow
from gridloom.work import Work

REASONS = {
    "ACCEPT": "新上报,待受理", "ROUTE": "已受理,待分流或吹哨", "RULE_WHISTLE": "吹哨待审批", "SIGN": "待签收",
    "REPORT_IN": "已签收,待报到", "HANDLE": "办理中,待办结", "RULE_RETURN": "申请退回,待裁定", "VERIFY": "已办结,待核查",
    "CALL_BACK": "已核查,待回访", "CLOSE": "待结案",
}
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the holders of `scope_id`."""

    scope_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    title: str
    due_at: datetime | None = None


async def keep_inbox(work: Work, file: CaseFile, waiting: Sequence[Waiting]) -> None:
    """Make the case's inbox rows exactly these."""
    rows = (await work.session.execute(
        select(InboxItemRow).where(InboxItemRow.tenant_id == work.tenant, InboxItemRow.case_id == file.id)
    )).scalars()
    present = {(row.subject_id, row.scope_id, row.kind): row for row in rows}
    wanted = {(item.subject_id, item.scope_id, item.kind): item for item in waiting}
    gone = [row.id for slot, row in present.items() if slot not in wanted]
    if gone:
        work.writes.drop(InboxItemRow, "id", gone)
    for slot, item in wanted.items():
        row = present.get(slot)
        if row is None:
            put(work, file, item)
        else:
            row.due_at, row.sort_at, row.title = item.due_at, item.due_at or NEVER, item.title


def put(work: Work, file: CaseFile, item: Waiting) -> None:
    """Add one row."""
    work.new(
        InboxItemRow, scope_id=item.scope_id, kind=item.kind, subject_kind=item.subject_kind,
        subject_id=item.subject_id, case_id=file.id, title=item.title, reason=REASONS[item.kind], due_at=item.due_at,
        sort_at=item.due_at or NEVER, created_at=work.now,
    )
