"""Figures counted from the rows by plain SQL of their own: what the kept ones must equal."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

COUNTED = """NOT c.sealed AND NOT ('CLUE' = ANY (c.protection) OR 'VIOLENCE' = ANY (c.protection))"""
OPEN = "c.status IN ('REPORTED', 'ACCEPTED', 'ROUTED', 'HANDLED', 'VERIFIED')"
LATE = "c.handled_at IS NULL AND c.ended_at IS NULL AND NOT c.paused AND c.due_at < :now"

GRIDS = f"""
SELECT g.id, count(*) AS open, count(*) FILTER (WHERE c.status = 'REPORTED') AS reported,
       count(*) FILTER (WHERE c.status = 'ACCEPTED') AS accepted, count(*) FILTER (WHERE c.status = 'ROUTED') AS routed,
       count(*) FILTER (WHERE c.status = 'HANDLED') AS handled, count(*) FILTER (WHERE c.status = 'VERIFIED') AS verified,
       count(*) FILTER (WHERE c.severity = 'CRITICAL') AS critical, count(*) FILTER (WHERE c.severity = 'URGENT') AS urgent,
       count(*) FILTER (WHERE c.severity = 'NORMAL') AS normal, count(*) FILTER (WHERE c.severity = 'LOW') AS low,
       count(*) FILTER (WHERE c.paused) AS paused, count(*) FILTER (WHERE {LATE}) AS overdue,
       count(*) FILTER (WHERE {LATE} AND c.severity = 'CRITICAL') AS overdue_critical,
       count(*) FILTER (WHERE {LATE} AND c.severity = 'URGENT') AS overdue_urgent
  FROM "case" c, grid g WHERE c.tenant_id = :t AND g.tenant_id = :t AND g.id = ANY (c.path) AND {COUNTED} AND {OPEN}
 GROUP BY g.id"""
DESKS = f"""
SELECT a.organization_id AS id, count(*) AS open, count(*) FILTER (WHERE a.status = 'PENDING') AS pending,
       count(*) FILTER (WHERE a.status = 'SIGNED') AS signed, count(*) FILTER (WHERE a.status = 'REPORTED_IN') AS reported_in,
       count(*) FILTER (WHERE a.status = 'RETURN_ASKED') AS return_asked, count(*) FILTER (WHERE a.due_at < :now) AS overdue
  FROM assignment a JOIN "case" c ON c.tenant_id = :t AND c.id = a.case_id
 WHERE a.tenant_id = :t AND {COUNTED} AND a.visible
   AND a.status IN ('PENDING', 'SIGNED', 'REPORTED_IN', 'RETURN_ASKED')
 GROUP BY 1"""
# One statement a counter: rows (path, category, severity, channel, item, moment, number).
_CASE = "c.path, i.category, c.severity, c.channel, i.code"
_FROM = f"""FROM "case" c JOIN work_item_version i ON i.tenant_id = :t AND i.id = c.item_version_id
 %s WHERE c.tenant_id = :t AND {COUNTED} %s"""


def _steps(step: str, more: str = "") -> str:
    join = "JOIN timeline_entry t ON t.tenant_id = :t AND t.case_id = c.id"
    return f"SELECT {_CASE}, t.at AS at, 1 AS n " + _FROM % (join, f"AND t.step = '{step}' {more}")


def _clocks(code: str, more: str = "") -> str:
    join = "JOIN clock k ON k.tenant_id = :t AND k.case_id = c.id"
    return f"SELECT {_CASE}, k.stopped_at AS at, 1 AS n " + _FROM % (
        join, f"AND k.code = '{code}' AND k.stopped_at IS NOT NULL {more}")


def _returns(moment: str, number: str = "1", more: str = "") -> str:
    join = """JOIN assignment_return r ON r.tenant_id = :t AND r.case_id = c.id
              JOIN assignment a ON a.tenant_id = :t AND a.id = r.assignment_id"""
    return f"SELECT {_CASE}, {moment} AS at, {number} AS n, r.organization_id AS unit " + _FROM % (join, more)


def _calls(more: str) -> str:
    join = "JOIN call_back b ON b.tenant_id = :t AND b.case_id = c.id"
    return f"SELECT {_CASE}, b.at AS at, 1 AS n " + _FROM % (join, f"AND {more}")


def _cards(more: str) -> str:
    join = "JOIN card d ON d.tenant_id = :t AND d.case_id = c.id"
    return f"SELECT {_CASE}, d.issued_at AS at, 1 AS n, d.organization_id AS unit " + _FROM % (join, f"AND {more}")


def _tasks(moment: str, more: str, join: str = "") -> str:
    tasks = "JOIN assignment a ON a.tenant_id = :t AND a.case_id = c.id"
    return f"SELECT {_CASE}, {moment} AS at, 1 AS n, a.organization_id AS unit " + _FROM % (
        f"{tasks} {join}", f"AND a.visible AND {moment} IS NOT NULL {more}")


def _in_time(codes: str, moment: str) -> str:
    return f"""AND NOT EXISTS (SELECT FROM clock k WHERE k.tenant_id = :t AND k.assignment_id = a.id
      AND k.code IN ({codes}) AND k.expired_at <= {moment})"""


_LATE_CLOSING = """AND EXISTS (SELECT FROM clock k WHERE k.tenant_id = :t AND k.case_id = c.id AND k.code = 'sl:handle'
  AND k.expired_at <= t.at AND NOT EXISTS (SELECT FROM timeline_entry r WHERE r.tenant_id = :t AND r.case_id = c.id
  AND r.step = 'reopenCase' AND r.at > k.started_at AND r.at <= t.at))"""
PLACES = {
    "reported": f"SELECT {_CASE}, c.reported_at AS at, 1 AS n " + _FROM % ("", ""),
    "self_handled": _steps("reportCase", "AND t.data ->> 'self_handled' = 'true'"),
    "accepted": _steps("acceptCase"), "rejected": _steps("rejectCase"), "closed": _steps("closeCase"),
    "closed_late": _steps("closeCase", _LATE_CLOSING), "reopened": _steps("reopenCase"),
    "confirmed": _steps("verifyCase", "AND t.data ->> 'passed' = 'true'"),
    "sent_back": _steps("verifyCase", "AND t.data ->> 'passed' = 'false'"),
    "whistles": f"SELECT {_CASE}, w.blown_at AS at, 1 AS n " + _FROM % (
        "JOIN whistle w ON w.tenant_id = :t AND w.case_id = c.id", "AND w.blown_at IS NOT NULL"),
    "returns_asked": _returns("r.asked_at"), "returns_upheld": _returns("r.ruled_at", more="AND r.upheld"),
    "bounced_minutes": _returns("r.ruled_at", "round(extract(epoch FROM r.ruled_at - a.created_at) / 60)::int", "AND r.upheld"),
    "cards": _cards("d.card IN ('YELLOW', 'RED')"),
    "accept_ended": _clocks("sl:accept"), "accept_in_time": _clocks("sl:accept", "AND k.expired_at IS NULL"),
    "handle_ended": _clocks("sl:handle"), "handle_in_time": _clocks("sl:handle", "AND k.expired_at IS NULL"),
    "called": _calls("b.reached"), "rated": _calls("b.satisfaction IS NOT NULL"),
    "satisfied": _calls("b.satisfaction IN (4, 5)"), "unsatisfied": _calls("b.satisfaction IN (1, 2)"),
}
UNITS = {
    "assigned": _tasks("a.created_at", ""), "sign_ended": _tasks("a.signed_at", ""),
    "sign_in_time": _tasks("a.signed_at", _in_time("'sl:sign'", "a.signed_at")),
    "report_in_ended": _tasks("a.reported_in_at", "AND a.whistle_id IS NOT NULL"),
    "report_in_in_time": _tasks("a.reported_in_at", "AND a.whistle_id IS NOT NULL " + _in_time(
        "'sl:report_in'", "a.reported_in_at")),
    "done": _tasks("a.done_at", "AND a.status = 'DONE'"),
    "done_in_time": _tasks("a.done_at", "AND a.status = 'DONE' AND NOT (a.whistle_id IS NULL AND a.done_at > a.due_at) "
                           + _in_time("'sl:whistle_close', 'sl:handle'", "a.done_at")),
    "excused": _tasks("a.ended_at", "AND a.status = 'EXCUSED'"),
    "returns_asked": PLACES["returns_asked"], "returns_upheld": PLACES["returns_upheld"],
    "bounced_minutes": PLACES["bounced_minutes"],
    "reminders": _cards("d.card = 'REMINDER'"), "yellow_cards": _cards("d.card = 'YELLOW'"),
    "red_cards": _cards("d.card = 'RED'"),
}
TIMES = (1, 2, 4, 8, 24, 48, 72, 168, 360, 720)
HISTOGRAM = f"""SELECT c.path, k.code, k.stopped_at AS at, k.expired_at IS NULL AS in_time,
  extract(epoch FROM k.stopped_at - k.started_at) / 3600 AS hours {_FROM % (
    "JOIN clock k ON k.tenant_id = :t AND k.case_id = c.id",
    "AND k.code IN ('sl:accept', 'sl:handle') AND k.stopped_at IS NOT NULL")}"""


def _spans(day: date) -> dict[str, date]:
    return {
        "DAY": day, "WEEK": date.fromordinal(day.toordinal() - day.weekday()),
        "QUARTER": date(day.year, {1: 1, 2: 4, 3: 7, 4: 10}[(day.month + 2) // 3], 1),
    }


def _rows(place: int) -> list[tuple[str, str]]:
    """Which (span, part) a place at this depth has rows of."""
    whole = [("DAY", "ALL"), ("WEEK", "ALL"), ("QUARTER", "ALL")]
    parts = {
        0: [*whole, ("DAY", "SEVERITY"), *(("QUARTER", part) for part in ("CATEGORY", "SEVERITY", "CHANNEL", "ITEM"))],
        1: [*whole, *(("QUARTER", part) for part in ("CATEGORY", "SEVERITY", "ITEM"))],
    }
    return parts.get(place, [("QUARTER", "ALL")])


async def recount(session: AsyncSession, tenant: UUID, zone: str, now: Any) -> dict[str, Counter[Any]]:
    """Every figure of a county, by table: key of the row and counter → number (zeros left out)."""
    given = {"t": tenant, "now": now, "zone": zone}

    async def rows(statement: str, *, dated: bool = True) -> Any:
        asked = f"SELECT *, (at AT TIME ZONE :zone)::date AS day FROM ({statement}) rows" if dated else statement
        used = {name: value for name, value in given.items() if f":{name}" in asked.replace("::", "")}
        return (await session.execute(text(asked), used)).mappings().all()

    flow: Counter[Any] = Counter()
    for counter, statement in PLACES.items():
        for row in await rows(statement):
            _add_place(flow, counter, row)
    for row in await rows(HISTOGRAM):
        _add_time(flow, row)
    unit: Counter[Any] = Counter()
    for counter, statement in UNITS.items():
        for row in await rows(statement):
            unit[(row["unit"], _spans(row["day"])["QUARTER"], counter)] += row["n"]
    found = {"grid": _present(await rows(GRIDS, dated=False)), "desk": _present(await rows(DESKS, dated=False)),
             "flow": flow, "unit": unit}
    return {name: Counter({key: number for key, number in counts.items() if number}) for name, counts in found.items()}


def _present(rows: Any) -> Counter[Any]:
    return Counter({(row["id"], name): number for row in rows for name, number in row.items() if name != "id"})


def _add_place(flow: Counter[Any], counter: str, row: Any) -> None:
    keys = {"ALL": "", "CATEGORY": row["category"], "SEVERITY": row["severity"], "CHANNEL": row["channel"],
            "ITEM": row["code"]}
    for depth, grid in enumerate(row["path"]):
        for span, part in _rows(depth):
            flow[(span, part, _spans(row["day"])[span], grid, keys[part], counter)] += row["n"]


def _add_time(flow: Counter[Any], row: Any) -> None:
    step = "accept" if row["code"] == "sl:accept" else "handle"
    key = next((str(bound) for bound in TIMES if row["hours"] < bound), "more")
    for grid in row["path"][:2]:
        place = ("QUARTER", f"{step.upper()}_TIME", _spans(row["day"])["QUARTER"], grid, key)
        flow[(*place, f"{step}_ended")] += 1
        flow[(*place, f"{step}_in_time")] += int(row["in_time"])
