"""The work list as outside systems see it. Every signed-in user of the county may read it."""

from typing import Any

import strawberry
from sqlalchemy import and_, func, or_

from gridloom.catalogue import models
from gridloom.catalogue.models import Protection, Severity, WorkCategory
from gridloom.people.graphql import Organization
from gridloom.reads import Binds, Cols, Query, connection, extends, maps, one, pages

__all__ = ["CatalogueQueries", "Protection", "Severity", "WorkCategory", "WorkItem", "WorkItemConnection"]

strawberry.enum(WorkCategory, description="Classes of the list: 矛盾纠纷, 治安安全隐患, 服务民生, 其他中心工作.")
strawberry.enum(Severity, description="How urgent: 特急, 紧急, 一般, 普通.")
strawberry.enum(
    Protection,
    description="What is kept from whom: CLUE and VIOLENCE leave only named handlers, the others mask fields.",
)


@maps(models.WorkItemVersion)
class WorkItem:
    """An item of the county's work list, in one of its versions; a case keeps the one it began under.

    code: letter of the class, hyphen, number
    name: its name
    name_en: its name in English
    category: the class it belongs to
    severity: how urgent a case of it is unless somebody says otherwise
    deadline_hours: elapsed hours from acceptance to the first level's report; of items worked in rounds, one round
    level_first_handled: the grid level that handles first: 2 county, 3 township, 4 village, 5 grid
    protection: what is kept from whom in every case of it
    emergency: whether 110, 119 or 120 must be called before anything is reported
    emergency_contact: whom to call first, null where it is no emergency
    clue: whether it is sealed as a clue instead of reported as a case
    version: counts the item's publications
    lead: the unit that leads; null where that follows from the place (township government, village committee)
    """

    code: str
    name: str
    name_en: str
    category: WorkCategory
    severity: Severity
    deadline_hours: int
    level_first_handled: int
    protection: list[Protection]
    emergency: bool
    emergency_contact: str | None
    clue: bool
    version: int
    lead: Organization | None = one("lead_id")


@pages(WorkItem, total="bounded")
class WorkItemConnection:
    """A page of the work list, by code."""


def _on_the_list(item: Cols, ask: Binds) -> Any:
    return and_(item.valid_from <= ask.now, or_(item.valid_to.is_(None), item.valid_to > ask.now))


def _named(item: Cols, value: Any, ask: Binds) -> Any:
    wanted = func.lower(value)
    return or_(*(func.strpos(func.lower(text), wanted) > 0 for text in (item.code, item.name, item.name_en)))


ITEM_FILTERS = {"category": lambda item, value, ask: item.category == value, "text": _named}


@extends(Query)
class CatalogueQueries:
    """The county's work list."""

    work_items: WorkItemConnection = connection(
        args={"category": WorkCategory, "text": str}, filters=ITEM_FILTERS, where=_on_the_list, order=["code"],
        doc="Items on the list at present by code: of a class, with a text in code or name.",
    )
