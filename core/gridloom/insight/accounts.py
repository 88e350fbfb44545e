"""What there is to count of a case, read from its rows: two statements for any number of cases.

An account is a function of the rows as they stand, never of the facts that told of them: counting a case twice, late or
out of order gives the same account, and only what changed since the last one is added to the figures.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.cases.codes import OPEN_STATUSES
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS
from gridloom.insight.codes import HOURS, LONGER

DUE = "due"
_BINDS = (
    bindparam("tenant", type_=Uuid()), bindparam("ids", type_=ARRAY(Uuid())),
)
_CASES = text("""
SELECT c.id, c.path, c.status, c.severity, c.channel, c.paused, c.handled_at, c.ended_at, c.due_at, i.code, i.category
  FROM "case" c
  JOIN work_item_version i ON i.tenant_id = :tenant AND i.id = c.item_version_id
 WHERE c.tenant_id = :tenant AND c.id = ANY (:ids)
   AND NOT c.sealed AND NOT c.protection && ARRAY['CLUE', 'VIOLENCE']
""").bindparams(*_BINDS)
_EVENTS = text("""
SELECT case_id,
       json_agg(json_build_array(what, day, unit, key, n) ORDER BY what, day, unit, key) FILTER (WHERE n > 0)::text AS events,
       json_agg(json_build_array(unit, key, due) ORDER BY unit, key, due) FILTER (WHERE what = 'desk')::text AS desks,
       json_agg(json_build_array(key, due) ORDER BY due) FILTER (WHERE what = 'red')::text AS red
  FROM (
SELECT case_id, what, (at AT TIME ZONE :zone)::date::text AS day, coalesce(unit::text, '') AS unit, key, sum(n)::integer AS n,
       CASE WHEN n = 0 THEN at END AS due
  FROM (
SELECT c.id AS case_id, 'reported' AS what, c.reported_at AS at, NULL::uuid AS unit, '' AS key, 1 AS n
  FROM "case" c WHERE c.tenant_id = :tenant AND c.id = ANY (:ids)
UNION ALL
SELECT t.case_id, CASE t.step WHEN 'reportCase' THEN 'self_handled' WHEN 'acceptCase' THEN 'accepted'
       WHEN 'rejectCase' THEN 'rejected' WHEN 'closeCase' THEN 'closed' WHEN 'reopenCase' THEN 'reopened'
       ELSE CASE WHEN (t.data ->> 'passed')::boolean THEN 'confirmed' ELSE 'sent_back' END END, t.at, NULL, '', 1
  FROM timeline_entry t
 WHERE t.tenant_id = :tenant AND t.case_id = ANY (:ids)
   AND (t.step IN ('acceptCase', 'rejectCase', 'closeCase', 'reopenCase', 'verifyCase')
        OR t.step = 'reportCase' AND (t.data ->> 'self_handled')::boolean)
UNION ALL
SELECT t.case_id, 'closed_late', t.at, NULL, '', 1
  FROM timeline_entry t
 WHERE t.tenant_id = :tenant AND t.case_id = ANY (:ids) AND t.step = 'closeCase' AND EXISTS (
       SELECT FROM clock k
        WHERE k.tenant_id = :tenant AND k.case_id = t.case_id AND k.code = 'sl:handle' AND k.expired_at <= t.at
          AND k.started_at >= coalesce((
              SELECT max(r.at) FROM timeline_entry r
               WHERE r.tenant_id = :tenant AND r.case_id = t.case_id AND r.step = 'reopenCase' AND r.at <= t.at
          ), '-infinity'))
UNION ALL
SELECT k.case_id, CASE k.code WHEN 'sl:accept' THEN 'accept' ELSE 'handle' END
       || CASE WHEN k.expired_at IS NULL THEN '_in_time' ELSE '_late' END, k.stopped_at, NULL,
       (:labels)[1 + width_bucket(extract(epoch FROM k.stopped_at - k.started_at) / 3600, :hours)], 1
  FROM clock k
 WHERE k.tenant_id = :tenant AND k.case_id = ANY (:ids) AND k.state = 'STOPPED' AND k.code IN ('sl:accept', 'sl:handle')
UNION ALL
SELECT k.case_id, 'red', k.due_at, NULL, k.code, 0
  FROM clock k WHERE k.tenant_id = :tenant AND k.case_id = ANY (:ids) AND k.state = 'EXPIRED'
UNION ALL
SELECT a.case_id, e.what, e.at, a.organization_id, '', 1
  FROM assignment a
  LEFT JOIN LATERAL (
       SELECT min(k.expired_at) FILTER (WHERE k.code = 'sl:sign') AS sign,
              min(k.expired_at) FILTER (WHERE k.code = 'sl:report_in') AS report_in,
              bool_or(k.code = 'sl:report_in') AS called,
              min(k.expired_at) FILTER (WHERE k.code IN ('sl:whistle_close', 'sl:handle')) AS done
         FROM clock k WHERE k.tenant_id = :tenant AND k.assignment_id = a.id
       ) late ON true
 CROSS JOIN LATERAL (VALUES
       ('assigned', a.created_at),
       (CASE WHEN late.sign <= a.signed_at THEN 'sign_late' ELSE 'sign_in_time' END, a.signed_at),
       (CASE WHEN late.report_in <= a.reported_in_at THEN 'report_in_late' ELSE 'report_in_in_time' END,
        CASE WHEN late.called THEN a.reported_in_at END),
       (CASE WHEN late.done <= a.done_at OR a.whistle_id IS NULL AND a.done_at > a.due_at THEN 'done_late'
             ELSE 'done_in_time' END, CASE WHEN a.status = 'DONE' THEN a.done_at END),
       ('excused', CASE WHEN a.status = 'EXCUSED' THEN a.ended_at END)
       ) e (what, at)
 WHERE a.tenant_id = :tenant AND a.case_id = ANY (:ids) AND a.visible AND e.at IS NOT NULL
UNION ALL
SELECT a.case_id, 'desk', a.due_at, a.organization_id, a.status, 0
  FROM assignment a
 WHERE a.tenant_id = :tenant AND a.case_id = ANY (:ids) AND a.visible AND a.status = ANY (:open)
UNION ALL
SELECT b.case_id, e.what, e.at, b.organization_id, '', e.n
  FROM assignment_return b
  JOIN assignment a ON a.tenant_id = :tenant AND a.id = b.assignment_id
 CROSS JOIN LATERAL (VALUES
       ('returns_asked', b.asked_at, 1),
       ('returns_upheld', CASE WHEN b.upheld THEN b.ruled_at END, 1),
       ('bounced_minutes', CASE WHEN b.upheld THEN b.ruled_at END,
        (extract(epoch FROM b.ruled_at - a.created_at) / 60)::integer)
       ) e (what, at, n)
 WHERE b.tenant_id = :tenant AND b.case_id = ANY (:ids) AND e.at IS NOT NULL
UNION ALL
SELECT w.case_id, 'whistles', w.blown_at, NULL, '', 1
  FROM whistle w WHERE w.tenant_id = :tenant AND w.case_id = ANY (:ids) AND w.blown_at IS NOT NULL
UNION ALL
SELECT b.case_id, e.what, b.at, NULL, '', 1
  FROM call_back b
 CROSS JOIN LATERAL (VALUES
       ('called', b.reached), ('rated', b.satisfaction IS NOT NULL), ('satisfied', b.satisfaction >= 4),
       ('unsatisfied', b.satisfaction <= 2)
       ) e (what, holds)
 WHERE b.tenant_id = :tenant AND b.case_id = ANY (:ids) AND e.holds
UNION ALL
SELECT c.case_id, CASE c.card WHEN 'REMINDER' THEN 'reminders' WHEN 'YELLOW' THEN 'yellow_cards' ELSE 'red_cards' END,
       c.issued_at, c.organization_id, '', 1
  FROM card c WHERE c.tenant_id = :tenant AND c.case_id = ANY (:ids)
       ) happened
 GROUP BY case_id, what, day, unit, key, due
       ) days
 GROUP BY case_id
""").bindparams(
    *_BINDS, bindparam("open", [str(one) for one in OPEN_ASSIGNMENTS], type_=ARRAY(Text())),
    bindparam("hours", list(HOURS), type_=ARRAY(Numeric())),
    bindparam("labels", [*(str(one) for one in HOURS), LONGER], type_=ARRAY(Text())),
)


@dataclass(slots=True)
class Account:
    """What there is to count of one case. `counted` is what stands in `figure_case`, made of JSON's own types:
    [[category, severity, channel, item], [[what, day, unit, key, n] …], [status, paused, overdue] or null,
    [[unit, status, overdue] …]], everything in a fixed order. `due` in the SQL is when a task or an open clock is or was due."""

    path: list[UUID]
    counted: list[Any]
    look_at: datetime | None = None
    red_since: datetime | None = None
    why: tuple[str, ...] = ()


async def accounts_of(
    session: AsyncSession, tenant: UUID, zone: str, now: datetime, ids: Sequence[UUID]
) -> dict[UUID, Account]:
    """The accounts of these cases at a moment. Protected cases have none, nor have cases that are not there."""
    given = {"tenant": tenant, "ids": list(ids)}
    cases = (await session.execute(_CASES, given)).all()
    if not cases:
        return {}
    rows = {row.case_id: row for row in await session.execute(_EVENTS, {**given, "zone": zone})}
    return {case.id: _account(case, rows[case.id], now) for case in cases}


def _account(case: Any, row: Any, now: datetime) -> Account:
    red = {code: datetime.fromisoformat(due) for code, due in reversed(_read(row.red))}
    desks = [(unit, status, due and datetime.fromisoformat(due)) for unit, status, due in _read(row.desks)]
    due = [moment for _, _, moment in desks]
    state = None
    if case.status in OPEN_STATUSES:
        waits = case.due_at if case.handled_at is None and not case.paused else None
        if waits is not None and waits < now:
            red[DUE] = waits
        due.append(waits)
        state = [case.status, case.paused, DUE in red]
    return Account(
        path=list(case.path),
        counted=[
            [case.category, case.severity, case.channel, case.code], _read(row.events), state,
            [[unit, status, moment is not None and moment < now] for unit, status, moment in desks],
        ],
        look_at=min((moment for moment in due if moment is not None and moment >= now), default=None),
        red_since=min(red.values(), default=None), why=tuple(sorted(red)),
    )


def _read(text: str | None) -> list[Any]:
    return json.loads(text) if text else []
