"""What a county begins with: the shipped work list and the default service levels; all of it is editable."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gridloom.catalogue.limits import Limit, Unit
from gridloom.catalogue.models import Frequency, LimitSubject, Protection, Severity, WorkCategory

LimitKey = tuple[str, str, str]
"""Subject, code and step of a service limit: ("SEVERITY", "CRITICAL", "accept")."""

COUNTY, TOWNSHIP, VILLAGE, GRID = 2, 3, 4, 5
DEPARTMENT_KIND, TOWNSHIP_KIND, VILLAGE_KIND = "DEPARTMENT", "TOWNSHIP", "VILLAGE"

_CATEGORIES = {
    "A": WorkCategory.DISPUTE, "B": WorkCategory.SAFETY, "C": WorkCategory.SERVICE, "D": WorkCategory.CENTRAL_WORK,
}
_SEVERITIES = dict(zip("1234", Severity, strict=True))
_LEVELS = {"group": GRID, "village": VILLAGE, "township": TOWNSHIP, "county": COUNTY}
# Units that are not one desk but a class: whichever serves the case's own grid.
_CLASS_KINDS = {"XZ": TOWNSHIP_KIND, "CW": VILLAGE_KIND}
_EMERGENCY = re.compile(r"EMERG:([\d/]+)")
_CONFIDENTIAL = re.compile(r"\bCONF\b")
# Which legal clocks the STAT tokens of the shipped list mean (codes of statutory_clocks.csv).
_STATUTORY = {
    "A-03": ("TD-01",), "A-08": ("JB-01", "JB-02"), "A-12": ("MZ-01", "MZ-02"), "A-15": ("LD-01",),
    "A-30": ("TJ-02",), "C-19": ("FA-01", "FA-02"),
}


@dataclass(frozen=True, slots=True)
class RouteTo:
    """Where an item goes at a level: the unit of that code, or (None) the unit of the kind that serves the grid."""

    level: int
    kind: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What an item says, before it is published. `lead_code` is an organisation's code, None for a class of units."""

    code: str
    name: str
    name_en: str
    category: str
    severity: str
    level_first_handled: int
    deadline_hours: int
    frequency: str = Frequency.ON_EVENT
    protection: tuple[str, ...] = ()
    confidential: bool = False
    emergency: bool = False
    emergency_contact: str | None = None
    clue: bool = False
    statutory: tuple[str, ...] = ()
    notes: str = ""
    lead_code: str | None = None
    routes: tuple[RouteTo, ...] = ()


@cache
def shipped_items() -> tuple[ItemDraft, ...]:
    """The 100 items that ship (worklist.csv), their leads as codes of departments.csv."""
    units = {row["name_zh"]: row["code"] for row in _table("departments.csv")}
    return tuple(_draft(row, units) for row in _table("worklist.csv"))


def _draft(row: Mapping[str, str], units: Mapping[str, str]) -> ItemDraft:
    unit = units[row["default_lead"]]
    contact = _EMERGENCY.search(row["notes"])
    level = _LEVELS[row["level_first_handled"]]
    return ItemDraft(
        code=row["code"], name=row["name_zh"], name_en=row["name_en"], category=_CATEGORIES[row["code"][0]],
        severity=_SEVERITIES[row["severity"]], level_first_handled=level, deadline_hours=int(row["deadline_hours"]),
        frequency=Frequency(row["frequency"]),
        protection=tuple(Protection(word) for word in row["protection"].split() if word != "-"),
        confidential=_CONFIDENTIAL.search(row["notes"]) is not None, emergency=row["emergency"] == "yes",
        emergency_contact=contact.group(1) if contact else None, clue=row["clue"] == "yes",
        statutory=_STATUTORY.get(row["code"], ()), notes=row["notes"],
        lead_code=None if unit in _CLASS_KINDS else unit, routes=_routes(level, unit),
    )


def _routes(first: int, unit: str) -> tuple[RouteTo, ...]:
    """From the level that handles first up to the county: committee, township government, and the lead at the county.

    Of an item led by a class of units (村委会, 乡镇) the county's route is the one of the class that serves the grid.
    """
    kind = _CLASS_KINDS.get(unit)
    own = {GRID: VILLAGE_KIND, VILLAGE: VILLAGE_KIND, TOWNSHIP: TOWNSHIP_KIND}
    routes = [RouteTo(level, own[level]) for level in (GRID, VILLAGE, TOWNSHIP) if level <= first]
    routes.append(RouteTo(COUNTY, kind) if kind else RouteTo(COUNTY, DEPARTMENT_KIND, unit))
    return tuple(routes)


def _table(name: str) -> list[dict[str, str]]:
    text = (resources.files("gridloom.data") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def default_limits() -> dict[LimitKey, Limit]:
    """The default service levels: proposals after practice published elsewhere, no legal limits; editable."""
    return {**_severity_limits(), **_grade_limits(), **_procedure_limits()}


def _severity_limits() -> dict[LimitKey, Limit]:
    minute, hour, working_hour, working_day = Unit.MINUTE, Unit.HOUR, Unit.WORKING_HOUR, Unit.WORKING_DAY
    table: dict[str, dict[str, Limit]] = {
        Severity.CRITICAL: {
            "report": Limit(1, hour), "accept": Limit(15, minute), "route": Limit(30, minute),
            "sign": Limit(10, minute), "report_in": Limit(30, minute), "handle": Limit(24, hour),
        },
        Severity.URGENT: {
            "accept": Limit(2, working_hour), "route": Limit(4, working_hour),
            "sign": Limit(1, hour), "report_in": Limit(4, hour), "handle": Limit(72, hour),
        },
        Severity.NORMAL: {
            "accept": Limit(2, working_hour), "route": Limit(4, working_hour),
            "sign": Limit(4, working_hour), "report_in": Limit(1, working_day), "handle": Limit(7 * 24, hour),
        },
        Severity.LOW: {
            "accept": Limit(2, working_hour), "route": Limit(4, working_hour),
            "sign": Limit(1, working_day), "report_in": Limit(2, working_day), "handle": Limit(15 * 24, hour),
        },
    }
    return _flat(LimitSubject.SEVERITY, table)


def _grade_limits() -> dict[LimitKey, Limit]:
    minute, hour, working_hour, working_day = Unit.MINUTE, Unit.HOUR, Unit.WORKING_HOUR, Unit.WORKING_DAY
    table: dict[str, dict[str, Limit]] = {
        "EMERGENCY": {
            "sign": Limit(10, minute), "report_in": Limit(30, minute), "report_in_remote": Limit(90, minute),
            "close": Limit(24, hour),
        },
        "KEY": {
            "sign": Limit(1, hour), "report_in": Limit(4, hour), "plan": Limit(24, hour),
            "close": Limit(3, working_day),
        },
        "ROUTINE": {
            "sign": Limit(4, working_hour), "report_in": Limit(1, working_day), "plan": Limit(2, working_day),
            "close": Limit(5, working_day),
        },
        "HARD": {
            "sign": Limit(1, working_day), "report_in": Limit(3, working_day), "plan": Limit(5, working_day),
            "close": Limit(10, working_day), "extension": Limit(10, working_day),
        },
    }
    return _flat(LimitSubject.GRADE, table)


def _procedure_limits() -> dict[LimitKey, Limit]:
    return _flat(LimitSubject.PROCEDURE, {
        "route": {"sign": Limit(4, Unit.WORKING_HOUR), "report_in": Limit(1, Unit.WORKING_DAY)},
        "return": {"rule": Limit(4, Unit.WORKING_HOUR), "second_rule": Limit(2, Unit.WORKING_DAY)},
        "card": {"answer": Limit(1, Unit.WORKING_DAY), "appeal": Limit(3, Unit.WORKING_DAY)},
        "case": {
            "reopen": Limit(30, Unit.DAY), "mediation": Limit(30, Unit.DAY), "verify": Limit(2, Unit.WORKING_DAY),
            "rework": Limit(3, Unit.WORKING_DAY), "call_back": Limit(3, Unit.WORKING_DAY),
        },
    })


def _flat(subject: LimitSubject, table: Mapping[str, Mapping[str, Limit]]) -> dict[LimitKey, Limit]:
    return {
        (subject.value, str(code), step): limit for code, steps in table.items() for step, limit in steps.items()
    }
