"""Faults planted in the compiled path alone: comparing the two paths must see each of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import true

from gridloom.reads import CompiledReads, compile, plans, relation, rendering, selection
from gridloom.reads.ask import Binds
from tests.reads import rows
from tests.reads.conftest import Asking, Compiling
from tests.reads.test_compiled import EVERYTHING, pairs

Plant = Callable[[pytest.MonkeyPatch], None]
DOCUMENT = EVERYTHING.replace('one: matter(number: "M-004") { ...Core notes { title } }', "")
ASKER: dict[str, Any] = {"can": (), "scopes": (rows.CENTRE,), "actor": rows.REPORTER}
GIVEN = {"first": 4, "filter": {"overdue": False, "state": None}}


def visibility_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(relation, "belongs", lambda targets, row, ask, *, through: true())


def county_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Binds, "alias", lambda self, table: (alias := table.alias(), alias.c.tenant_id.is_not(None)))


def one_row_too_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "paged", lambda info, me, ask, wanted: relation.listed(
        info, me, ask, wanted, limit=wanted.first
    ))


def order_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "_order", lambda rows, found: [rows.c["key1"].asc()])


def moments_to_the_millisecond(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rendering, "MOMENT_FORMAT", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')


def direction_ignored(patch: pytest.MonkeyPatch) -> None:
    bound = plans._bound
    patch.setattr(plans, "_bound", lambda info, wanted, number: replace(bound(info, wanted, number), flipped=False))


def filters_ignored(patch: pytest.MonkeyPatch) -> None:
    given = selection.given_at
    patch.setattr("gridloom.reads.serve.given_at", lambda site, variables, schema: replace(
        given(site, variables, schema), wanted=replace(given(site, variables, schema).wanted, filters=())
    ))


def mask_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "derived_value", lambda info, row, ask: (
        row.address if info.name == "address" else relation.derived_value(info, row, ask)
    ))


def types_confused(patch: pytest.MonkeyPatch) -> None:
    arm = compile.Compiler._arm
    patch.setattr(compile.Compiler, "_arm", lambda self, arms, row: arm(self, arms[:1], row))


@pytest.mark.parametrize("plant", [
    visibility_dropped, county_dropped, one_row_too_few, order_lost, moments_to_the_millisecond, direction_ignored,
    filters_ignored, mask_ignored, types_confused,
])
async def test_a_planted_fault_is_seen(
    ask: Asking, compiled: Compiling, monkeypatch: pytest.MonkeyPatch, plant: Plant
) -> None:
    sound = await compiled(DOCUMENT, GIVEN, **ASKER, reads=CompiledReads(patience=0))
    answer = await ask(DOCUMENT, GIVEN, **ASKER)
    assert sound is not None
    assert dict(pairs(sound)[0][1]).keys() == answer.data.keys()
    plant(monkeypatch)
    faulty = await compiled(DOCUMENT, GIVEN, **ASKER, reads=CompiledReads(patience=0))
    assert faulty is None or pairs(faulty) != pairs(sound)
