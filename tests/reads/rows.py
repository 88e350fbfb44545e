"""Rows of the small world, in two counties that mirror each other except for the county's name in their texts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table

from tests.reads import models

COUNTY, OTHER = UUID(int=0xA), UUID(int=0xB)
STRANGER, REPORTER, HELPER = UUID(int=0x51), UUID(int=0x52), UUID(int=0x53)
CENTRE = UUID(int=0x61)
START = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
MATTERS, STEPS = 30, 7


def key(tenant: UUID, name: str) -> UUID:
    """The id of a named row."""
    return uuid5(tenant, name)


ROOT = key(COUNTY, "station 0")


def all_rows() -> list[tuple[Table, list[dict[str, Any]]]]:
    """Everything, by table."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for tenant, label in ((COUNTY, "密祉"), (OTHER, "祥云")):
        for model, rows in _county(tenant, label).items():
            found.setdefault(model, []).extend({"tenant_id": tenant, **row} for row in rows)
    return [(model.__table__, rows) for model, rows in found.items()]


def _county(tenant: UUID, label: str) -> dict[Any, list[dict[str, Any]]]:
    names = {REPORTER: f"{label}报告人", HELPER: f"{label}帮助者"}
    return {
        models.PersonRow: [{"id": person, "name": name} for person, name in names.items()],
        **_stations(tenant),
        **_matters(tenant, label),
        **_below(tenant, label),
    }


def _stations(tenant: UUID) -> dict[Any, list[dict[str, Any]]]:
    stations, above = [], []
    for number in range(6):
        chain = [number]
        while chain[-1]:
            chain.append((chain[-1] - 1) // 2)
        stations.append({
            "id": key(tenant, f"station {number}"), "code": f"S{number}", "level": len(chain),
            "parent_id": key(tenant, f"station {chain[1]}") if number else None,
        })
        above += [
            {"station_id": key(tenant, f"station {number}"), "above_id": key(tenant, f"station {each}")}
            for each in chain
        ]
    return {models.StationRow: stations, models.StationAbove: above}


def _matters(tenant: UUID, label: str) -> dict[Any, list[dict[str, Any]]]:
    matters, scopes = [], []
    for n in range(MATTERS):
        matters.append({
            "id": key(tenant, f"matter {n}"), "number": f"M-{n:03}", "title": f"{label}“事项” {n} \\ 😀",
            "state": "OPEN" if n % 3 else "DONE", "marks": [["MINOR"], [], ["MINOR", "PRIVATE"]][n % 3],
            "score": n / 4, "urgent": n % 5 == 0, "day": date(2026, 11, 1 + n % 28) if n % 4 else None,
            "reported_at": START + timedelta(hours=n // 2), "due_at": START + timedelta(days=n) if n % 6 else None,
            "station_id": key(tenant, f"station {n % 6}"), "reporter_id": REPORTER if n % 2 else None,
            "address": f"{label}路{n}号" if n % 7 else None, "address_mask": "***" if n % 7 else None,
            "longitude": 100 + n / 8 if n % 4 else None, "latitude": 25.5 if n % 4 else None,
            "data": {"n": n, "list": [1, "二", None]},
        })
        if n % 3 == 0:
            scopes.append({"matter_id": key(tenant, f"matter {n}"), "scope_id": CENTRE})
    return {models.MatterRow: matters, models.MatterScope: scopes}


def _below(tenant: UUID, label: str) -> dict[Any, list[dict[str, Any]]]:
    steps, tasks, notes, waiting = [], [], [], []
    kinds = [("court", "mediation"), ("women", "help"), ("nobody", "knows")]
    for n in range(MATTERS):
        matter = key(tenant, f"matter {n}")
        steps += [
            {"id": key(tenant, f"step {n} {s}"), "matter_id": matter, "at": START + timedelta(minutes=s // 2),
             "step": f"step {s}", "person_id": HELPER if s % 2 else None}
            for s in range(STEPS if n else 0)
        ]
        tasks += [
            {"id": key(tenant, f"task {n} {t}"), "matter_id": matter, "role": "ASSIST" if t else "LEAD",
             "title": f"{label} task {n}.{t}", "asked_at": START + timedelta(hours=n, minutes=t)}
            for t in range(n % 3)
        ]
        notes += [
            {"id": key(tenant, f"note {n} {k}"), "matter_id": matter, "plugin": plugin, "element": element,
             "title": "hidden" if n == 4 else f"{plugin} {n}", "at": START + timedelta(hours=k), "form": {"parties": n}}
            for k, (plugin, element) in enumerate(kinds) if n % 2 == 0
        ]
        for kind, subject in (("matter", matter), ("task", key(tenant, f"task {n} 0")), ("unknown", matter)):
            waiting.append({
                "id": key(tenant, f"waiting {kind} {n}"), "kind": kind, "subject_id": subject,
                "sort_at": START + timedelta(days=n),
            })
    return {models.StepRow: steps, models.TaskRow: tasks, models.NoteRow: notes, models.WaitingRow: waiting}
