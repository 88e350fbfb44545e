"""The harness: what it writes down, what voids a run, how rounds are taken, and the floor's script."""

import asyncio
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bench import case_list, cpu
from bench.floor import Sent, longest, script
from bench.load import FRESH, Load, fire
from bench.measure import Measured, Round, Side, measure, table
from bench.picture import draw, place
from bench.plugins import KEYS, lay_out
from bench.report import JSON, PAGE, PICTURE, write
from bench.result import Bar, Options, Result, Table, Void
from bench.run import gather

LOOK = Options(rounds=3, seconds=0.1, quick=True)


def result(name: str = "P1", *, reached: bool | None = True, ours: float = 2.0) -> Result:
    return Result(
        name=name, work="a page", unit="ms a request", ours=ours, beside={"another": 8.0}, ratio={"another / ours": 4.0},
        bars=(Bar("must", "≥ 3 × less", reached), Bar("goal", "≥ 5 ×", False)),
        tables=(Table("Medians", ("", "ms"), [("ours", 2.0), ("another", 8.0)]),), notes=("A note.",),
    )


def round_of(milliseconds: float, per_second: float = 100.0) -> Round:
    return Round(10, per_second, milliseconds, 1.0, 0.1, 5.0, 9.0)


# ---- what is written down ------------------------------------------------------------------------------------------


def test_results_have_exactly_the_agreed_form(tmp_path: Path) -> None:
    write([result(), result("P10", reached=False)], {}, LOOK, "a machine", tmp_path)
    found = json.loads((tmp_path / JSON).read_text(encoding="utf-8"))
    assert list(found) == ["date", "machine", "commit", "P1", "P10"]
    assert found["P1"] == {
        "work": "a page [ms a request]", "ours": 2.0, "beside": {"another": 8.0}, "ratio": {"another / ours": 4.0},
        "bar": "must: ≥ 3 × less; goal: ≥ 5 ×", "met": True,
    }
    assert found["P10"]["met"] is False
    assert found["machine"] == "a machine"
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "| P10 | a page [ms a request] | 2.0 | another: 8.0 |" in page
    assert "**missed**" in page
    assert "A look only" in page


def test_a_bar_that_was_not_measured_is_not_met() -> None:
    assert result(reached=None).met is False
    assert result(reached=True).met is True


def test_results_of_another_time_stay_and_a_void_one_goes(tmp_path: Path) -> None:
    write([result("P1"), result("P2")], {}, LOOK, "a machine", tmp_path)
    write([result("P2", ours=3.0)], {"P1": "a time-out"}, LOOK, "a machine", tmp_path)
    found = json.loads((tmp_path / JSON).read_text(encoding="utf-8"))
    assert "P1" not in found
    assert found["P2"]["ours"] == 3.0
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "## P1: void" in page
    assert "a time-out" in page
    write([result("P1")], {}, LOOK, "a machine", tmp_path)
    assert set(json.loads((tmp_path / JSON).read_text(encoding="utf-8"))) >= {"P1", "P2"}


def test_the_picture_is_an_svg_with_a_bar_for_each_peer(tmp_path: Path) -> None:
    write([result()], {}, LOOK, "a machine", tmp_path)
    root = ElementTree.parse(tmp_path / PICTURE).getroot()
    assert root.tag.endswith("svg")
    assert [one.text for one in root if one.text == "P1  another"] == ["P1  another"]
    assert place(0.1) < place(1) < place(4) < place(1000) == place(1e9)
    assert "<svg" in draw({})


def test_every_benchmark_of_the_folder_is_gathered_once() -> None:
    names = [one.name for one in gather()]
    assert {"P1", "P2", "P8"} <= set(names)
    assert len(names) == len(set(names))
    assert names == sorted(names, key=lambda name: int(name[1:]))
    with pytest.raises(SystemExit, match="P99"):
        gather(["P99"])


# ---- rounds --------------------------------------------------------------------------------------------------------


async def test_rounds_are_interleaved_and_medians_taken() -> None:
    order: list[str] = []
    values = {"a": iter([9.0, 1.0, 5.0, 3.0]), "b": iter([9.0, 2.0, 2.0, 8.0])}

    def side(name: str) -> Side:
        async def shoot(seconds: float) -> Round:
            order.append(name)
            return round_of(next(values[name]))
        return Side(name, shoot)

    found = await measure([side("a"), side("b")], LOOK)
    assert order == ["a", "b", "a", "b", "b", "a", "a", "b"]
    assert (found["a"].of("server"), found["b"].of("server")) == (3.0, 2.0)
    assert found["a"].of("cpu") == 4.0
    assert found["a"].spread("server") == (1.0, 5.0)
    assert table("Medians", found).rows[0][:3] == ("a", 4.0, "2.00–6.00")
    assert Measured("x", (round_of(1.0, 10.0), round_of(2.0, 30.0))).of("per_second") == 20.0


def test_processor_time_of_a_process_and_its_children() -> None:
    assert cpu.seconds([1]) >= 0
    assert cpu.memory(1) > 0
    assert cpu.seconds([2**22 + 1]) == 0
    assert cpu.memory(2**22 + 1) == 0


# ---- the load generator --------------------------------------------------------------------------------------------


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that gives these answers in turn, the last one for ever; its port, and the requests' bodies."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
                seen.append(await reader.readexactly(length))
                body = answers[min(len(seen), len(answers)) - 1]
                status = b"500 Fault" if body == b"fault" else b"200 OK"
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body[:3])
                await writer.drain()
                writer.write(body[3:])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()


def load(port: int, body: str = "{}", must: str = "") -> Load:
    return Load(port, "/graphql", [{"headers": {"cookie": "a=b"}, "body": body}], 2, 0.2, must)


async def test_answers_are_counted_and_keys_are_fresh() -> None:
    async with answering(b'{"data":{"ok":true}}') as (port, seen):
        shot = await fire(load(port, '{"key":"' + FRESH.decode() + '"}', '"ok":true'))
    assert shot.answers == len(shot.took) == len(seen) > 2
    assert len(set(seen)) == len(seen)
    assert shot.sample == '{"data":{"ok":true}}'
    assert shot.size == len(shot.sample)


@pytest.mark.parametrize(("answer", "why"), [
    (b'{"errors":[{"message":"no"}],"data":null}', "no clean one"), (b"fault", "500"), (b'{"data":{"ok":false}}', "no clean one"),
])
async def test_anything_but_a_clean_answer_voids_the_run(answer: bytes, why: str) -> None:
    async with answering(b'{"data":{"ok":true}}', b'{"data":{"ok":true}}', b'{"data":{"ok":true}}', answer) as (port, _):
        with pytest.raises(Void, match=why):
            await fire(load(port, must='"ok":true'))


# ---- both say the same ---------------------------------------------------------------------------------------------


def pages(**changed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same page in the notation of either side, the peer's with a change."""
    total = {"value": 1, "exact": True}
    mine = {"id": "1", "reportedAt": "2026-11-23T08:00:00.000000Z", "dueAt": None}
    ours = {"cases": {"nodes": [mine], "pageInfo": {"hasNextPage": False, "endCursor": "x"}, "totalCount": total}}
    theirs = {"cases": {"nodes": [{**mine, "reportedAt": "2026-11-23T16:00:00+08:00", **changed}],
                        "pageInfo": {"hasNextPage": False, "endCursor": "y"}}, "total": total}
    return ours, theirs


def test_the_same_page_in_another_notation_is_the_same() -> None:
    case_list.compare(*pages())


@pytest.mark.parametrize("changed", [
    {"reportedAt": "2026-11-23T08:00:01+00:00"}, {"dueAt": "2026-11-23T08:00:00+00:00"}, {"id": "2"}, {"more": 1},
])
def test_another_value_voids_the_run(changed: dict[str, Any]) -> None:
    with pytest.raises(Void, match="differs"):
        case_list.compare(*pages(**changed))


def test_the_document_is_the_contracts_own() -> None:
    text = case_list.document("CaseList")
    assert text.startswith("query CaseList(")
    assert text.count("{") == text.count("}")
    assert "recent: timeline(first: 3)" in text
    assert "Precedents" not in text


# ---- the floor -----------------------------------------------------------------------------------------------------


def test_the_statement_becomes_a_script_with_its_parameters() -> None:
    sent = Sent("SELECT to_char(a, 'HH24:MI') || $1::text,\n $2::int, $3, $4", {1: "it's: so", 2: "50", 3: None, 4: ""})
    text, variables = script(sent, "01a2")
    assert text.splitlines() == [
        "BEGIN;", "SET LOCAL \"gridloom.tenant\" = '01a2';",
        "SELECT to_char(a, :l0::text) || :p1::text, :p2::int, NULL, '';", "COMMIT;",
    ]
    assert variables == {"p1": "it's: so", "p2": "50", "l0": "HH24:MI"}
    assert longest([Sent("BEGIN", {}), sent]) is sent


def test_plugins_are_laid_out_as_installed(tmp_path: Path) -> None:
    site = lay_out(tmp_path)
    for key in KEYS:
        assert (site / f"gridloom_{key}-0.1.dist-info" / "entry_points.txt").read_text(encoding="utf-8") == (
            f"[gridloom.plugins]\n{key} = gridloom_{key}\n")
        assert 'guards=frozenset({"reportCase"})' in (site / f"gridloom_{key}" / "__init__.py").read_text(encoding="utf-8")
