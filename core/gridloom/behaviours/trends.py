"""Counting for trends: by a closed list of dimensions, in the database, small counts hidden before anything is kept."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import and_, any_, func, select
from sqlalchemy.sql import ColumnElement, Select

from gridloom.behaviours import aggregate_trend
from gridloom.behaviours.act import Act, Acts
from gridloom.behaviours.aggregate_trend import Cell, Compute
from gridloom.behaviours.matters import TOWNSHIP, local_zone
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.cases.models import CaseRow
from gridloom.catalogue.models import WorkItemVersion
from gridloom.contract.forms import Kind, fields_of
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.grid.models import GridRow
from gridloom.work import Work

HIDE_BELOW = 5
MOST_CELLS = 2_000
Counts = dict[tuple[str, str | None], int]


async def _count(work: Work, taking: Taking) -> None:
    """Fill in the cells: this period and the same one a year before."""
    form = taking.form
    if not isinstance(form, Compute):
        return
    begin, end = bounds(form.period, form.day)
    answer = _answer(taking, form)
    now = await _counts(work, taking, form, answer, begin, end)
    before = await _counts(work, taking, form, answer, _year_before(begin), _year_before(end))
    if len(now) > MOST_CELLS:
        raise Refusal(ProblemCode.LIMIT_EXCEEDED, "trend-cells", path=("dimensions",), limit=MOST_CELLS)
    shown, shown_before = suppressed(now), suppressed(before)
    cells = [
        Cell(first=key[0], second=key[1], count=shown.get(key, 0), before=shown_before.get(key, 0))
        for key in sorted({*now, *before}, key=lambda key: (key[0], key[1] or ""))
    ]
    hidden = sum(one.count is None for one in cells)
    taking.form = form.model_copy(update={"cells": cells, "hidden": hidden})


def bounds(period: str, day: date) -> tuple[date, date]:
    """The first day of the period that holds a day, and the first day after it."""
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[period]
    first = (day.month - 1) // months * months
    begin, after = date(day.year, first + 1, 1), first + months
    return begin, date(day.year + after // 12, after % 12 + 1, 1)


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, 1)


def suppressed(counts: Counts) -> dict[tuple[str, str | None], int | None]:
    """Counts below five are hidden, and in a group with only one hidden the next smallest too: no subtraction gives it."""
    shown: dict[tuple[str, str | None], int | None] = {
        key: None if number < HIDE_BELOW else number for key, number in counts.items()
    }
    groups: dict[str | None, list[tuple[str, str | None]]] = defaultdict(list)
    for key in counts:
        groups[key[0] if key[1] is not None else None].append(key)
    for keys in groups.values():
        visible = sorted((key for key in keys if shown[key] is not None), key=lambda key: counts[key])
        if visible and len(keys) - len(visible) == 1:
            shown[visible[0]] = None
    return shown


def _answer(taking: Taking, form: Compute) -> tuple[str, str, str] | None:
    """Element, step and field of the answer that is counted by: a choice or yes/no of this mechanism's own, nothing else."""
    if "ANSWER" not in form.dimensions:
        return None
    mechanism = taking.bound.mechanism
    key, _, rest = (form.answer or "").partition(".")
    step_key, _, name = rest.partition(".")
    element = mechanism.element(key) if mechanism is not None else None
    step = next((one for one in element.behaviour.steps if one.key == step_key), None) if element is not None else None
    field = next((one for one in fields_of(element.form_of(step)) if one.name == name), None) if element and step else None
    if field is None or field.many or field.kind not in (Kind.CHOICE, Kind.BOOLEAN):
        raise invalid("trend-person", "answer")
    return key, step_key, name


async def _counts(
    work: Work, taking: Taking, form: Compute, answer: tuple[str, str, str] | None, begin: date, end: date
) -> Counts:
    zone = local_zone(work)
    since, until = (datetime.combine(day, time.min, zone) for day in (begin, end))
    if form.source == "CASES":
        columns, statement = _cases(work, form.dimensions)
        moment: Any = CaseRow.reported_at
    else:
        columns, statement = _matters(work, taking, form.dimensions, answer)
        moment = MatterRow.began_at
    rows = await work.session.execute(
        statement.where(moment >= since, moment < until).group_by(*columns).limit(MOST_CELLS + 1)
    )
    found: Counts = defaultdict(int)
    for row in rows:
        names = [str(one) if one is not None else "—" for one in row[:-1]]
        found[(names[0], names[1] if len(names) > 1 else None)] += row[-1]
    return dict(found)


def _cases(work: Work, dimensions: Iterable[str]) -> tuple[list[ColumnElement[Any]], Select[Any]]:
    """Cases that are not protected, by these dimensions."""
    by: dict[str, Any] = {
        "CATEGORY": WorkItemVersion.category, "ITEM": WorkItemVersion.name, "TOWNSHIP": GridRow.name,
        "CHANNEL": CaseRow.channel, "SEVERITY": CaseRow.severity,
    }
    columns = [by[one] for one in dimensions]
    statement = (
        select(*columns, func.count()).select_from(CaseRow)
        .join(WorkItemVersion, and_(
            WorkItemVersion.tenant_id == CaseRow.tenant_id, WorkItemVersion.id == CaseRow.item_version_id
        ))
        .outerjoin(GridRow, and_(
            GridRow.tenant_id == CaseRow.tenant_id, GridRow.id == any_(CaseRow.path), GridRow.level == TOWNSHIP
        ))
        .where(CaseRow.tenant_id == work.tenant, CaseRow.sealed.is_(False), func.cardinality(CaseRow.protection) == 0)
    )
    return columns, statement


def _matters(
    work: Work, taking: Taking, dimensions: Iterable[str], answer: tuple[str, str, str] | None
) -> tuple[list[ColumnElement[Any]], Select[Any]]:
    """Matters of this mechanism that are not kept to named persons, trends themselves left out."""
    by: dict[str, Any] = {"STATE": MatterRow.state, "ELEMENT": MatterRow.element}
    where = [
        MatterRow.tenant_id == work.tenant, MatterRow.plugin == taking.bound.plugin, MatterRow.parent_id.is_(None),
        MatterRow.named_ids.is_(None), MatterRow.behaviour != aggregate_trend.behaviour.key,
    ]
    if answer is not None:
        by["ANSWER"] = MatterRow.forms[answer[1]]["values"][answer[2]].astext
        where.append(MatterRow.base == answer[0])
    columns = [by[one] for one in dimensions]
    return columns, select(*columns, func.count()).where(*where)


async def _given_out(work: Work, taking: Taking) -> None:
    if taking.row is None:
        return
    given: UUID | None = (await work.session.execute(
        select(MatterRow.id).where(MatterRow.tenant_id == work.tenant, MatterRow.parent_id == taking.row.id).limit(1)
    )).scalar_one_or_none()
    if given is None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "trend-no-task")


ACTS: Acts = {aggregate_trend.compute: Act(prepare=_count), aggregate_trend.task: Act(prepare=_given_out)}
