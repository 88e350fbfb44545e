"""The audit chain: reveals leave a row, and every way to tamper with the chain is seen."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select, text, update

from gridloom.audit.models import AuditRow, AuditSeal
from gridloom.audit.service import Verdict, seal, verify
from gridloom.cases.models import CaseParty, CaseRow
from gridloom.config import Settings
from gridloom.migrate import owner_engine
from gridloom.worker import running
from tests.support.county import County


async def revealed(county: County) -> str:
    """A case with a party whose clear name was asked for once; the party's id."""
    report = await county.step(
        "member", "reportCase", "case { id parties { id masked } }", description="两家争水", workItemCode="A-01",
        parties=[{"name": "张三丰", "role": "申请人", "phone": "19900000001", "idNumber": "11010519491231002X"}],
    )
    party = report["case"]["parties"][0]
    assert party["masked"] == "张**"
    answer = await county.ask(
        "officer_village", 'mutation($id: ID!) { revealPerson(id: $id, purpose: "核实身份") { person { name phone idNumber } } }',
        id=party["id"],
    )
    assert answer["data"]["revealPerson"]["person"] == {
        "name": "张三丰", "phone": "19900000001", "idNumber": "11010519491231002X"
    }
    found: str = party["id"]
    return found


async def sealed_chain(county: County) -> Verdict:
    async with county.open() as work:
        while await seal(work):
            await work.session.flush()
    async with county.open() as work:
        return await verify(work)


async def owner_runs(database: Settings, *statements: object) -> None:
    """What somebody with the owner's password could do."""
    engine = owner_engine(database)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)  # type: ignore[call-overload]
    await engine.dispose()


async def test_a_reveal_leaves_a_row_with_purpose_and_no_personal_value(county: County) -> None:
    party = await revealed(county)
    async with county.service.reading(county.view) as session:
        row = (await session.execute(
            select(AuditRow).where(AuditRow.tenant_id == county.view.id, AuditRow.action == "person.revealed")
        )).scalar_one()
    assert (str(row.subject_id), row.purpose, row.actor_id) == (party, "核实身份", county.people["officer_village"])
    assert "张三丰" not in str(row.ids)
    verdict = await sealed_chain(county)
    assert (verdict.fault, verdict.unsealed) == (None, 0)
    assert verdict.sealed >= 2


async def test_no_purpose_no_reveal(county: County) -> None:
    party = await revealed(county)
    answer = await county.ask(
        "officer_village",
        'mutation($id: ID!) { revealPerson(id: $id, purpose: " ") { person { name } problems { code path } } }', id=party,
    )
    assert answer["data"]["revealPerson"] == {"person": None, "problems": [{"code": "VALIDATION", "path": ["purpose"]}]}


async def test_altering_deleting_cutting_and_reordering_are_seen(county: County, database: Settings) -> None:
    await revealed(county)
    whole = await sealed_chain(county)
    tenant = county.view.id
    rows: Sequence[AuditSeal]
    async with county.service.reading(county.view) as session:
        rows = (await session.execute(
            select(AuditSeal).where(AuditSeal.tenant_id == tenant).order_by(AuditSeal.sequence)
        )).scalars().all()
    last = rows[-1]
    of_last = (AuditRow.tenant_id == tenant, AuditRow.id == last.audit_id)
    await owner_runs(database, update(AuditRow).where(*of_last).values(purpose="别的"))
    async with county.open() as work:
        assert (await verify(work)).fault == f"link {last.sequence} does not match its row"
    await owner_runs(database, update(AuditRow).where(*of_last).values(purpose="核实身份"))
    async with county.open() as work:
        assert (await verify(work)).fault is None
    cut = delete(AuditSeal).where(AuditSeal.tenant_id == tenant, AuditSeal.sequence == last.sequence)
    head = text("UPDATE audit_head SET sequence = :sequence, digest = :digest WHERE tenant_id = :tenant")
    before = rows[-2]
    await owner_runs(
        database, cut, head.bindparams(sequence=before.sequence, digest=before.digest, tenant=tenant)
    )
    async with county.open() as work:
        assert (await verify(work)).fault is None  # a cut tail looks whole …
        kept = await verify(work, kept_head=(last.sequence, whole.head))
        assert kept.fault == "the kept head is not part of the chain"  # … but not against the kept head


async def test_the_app_role_cannot_change_or_delete_audit_rows(county: County) -> None:
    await revealed(county)
    for statement in (update(AuditRow).values(action="x"), delete(AuditRow), delete(AuditSeal)):
        with pytest.raises(Exception, match="permission denied"):
            async with county.open() as work:
                await work.session.execute(statement)


async def test_personal_fields_are_not_in_the_database_in_clear(county: County) -> None:
    party = await revealed(county)
    async with county.service.reading(county.view) as session:
        row = (await session.execute(
            select(CaseParty).where(CaseParty.tenant_id == county.view.id, CaseParty.id == party)
        )).scalar_one()
        stored = " ".join(str(value) for value in (row.name, row.phone, row.id_number, row.name_index, row.phone_index))
    assert "张三丰" not in stored
    assert "19900000001" not in stored
    assert row.name.startswith("sm4-")


async def test_a_sealed_value_moved_to_another_row_does_not_open(county: County, database: Settings) -> None:
    first, second = await revealed(county), await revealed(county)
    async with county.service.reading(county.view) as session:
        source = (await session.execute(
            select(CaseParty.name).where(CaseParty.tenant_id == county.view.id, CaseParty.id == first)
        )).scalar_one()
    await owner_runs(database, update(CaseParty).where(
        CaseParty.tenant_id == county.view.id, CaseParty.id == second
    ).values(name=source))
    answer = await county.ask(
        "officer_village", 'mutation($id: ID!) { revealPerson(id: $id, purpose: "核实") { person { name } } }', id=second
    )
    assert answer["data"] is None
    assert "张三丰" not in str(answer["errors"])


async def test_text_of_a_violence_matter_is_encrypted(county: County) -> None:
    await county.step("member", "reportCase", "case { id }", description="隔壁夜里打人", workItemCode="A-08", address="三组五号")
    async with county.service.reading(county.view) as session:
        row = (await session.execute(
            select(CaseRow).where(CaseRow.tenant_id == county.view.id, CaseRow.sealed)
        )).scalar_one()
    assert row.description.startswith("sm4-")
    assert (row.address or "").startswith("sm4-")
    assert "打人" not in row.title


async def test_reading_the_words_of_a_protected_case_leaves_a_row(county: County) -> None:
    await county.step("member", "reportCase", "case { id }", description="隔壁夜里打人", workItemCode="A-08")
    await county.ask("lead_village", "{ cases { nodes { id title } } }")
    reads = select(AuditRow.actor_id).where(AuditRow.tenant_id == county.view.id, AuditRow.action == "case.read")
    async with county.service.reading(county.view) as session:
        assert (await session.execute(reads)).scalars().all() == []
    await county.ask("lead_village", "{ cases { nodes { description again: description } } }")
    async with county.service.reading(county.view) as session:
        assert (await session.execute(reads)).scalars().all() == [county.people["lead_village"]]


@pytest.mark.parametrize(("selection", "rows"), [
    ("address", 1), ("timeline { nodes { note } }", 1), ("address description timeline { nodes { note } }", 1),
    ("id number title status protection reportedAt location { longitude } timeline { nodes { step at } } "
     "assignments { instruction } parties { masked }", 0),
])
async def test_every_sealed_word_leaves_a_row_once_a_request(county: County, selection: str, rows: int) -> None:
    made = "description timeline { nodes { note } }"
    await county.step("member", "reportCase", "case { id }", description="隔壁夜里打人", workItemCode="A-08", address="三组")
    case = (await county.ask("lead_village", "{ cases { nodes { id version } } }"))["data"]["cases"]["nodes"][0]
    by_case = {"caseId": case["id"], "version": case["version"]}
    taken = await county.step("lead_village", "acceptCase", "case { id }", **by_case, note="已到场")
    assert taken["problems"] == []
    reads = select(AuditRow.subject_id).where(AuditRow.tenant_id == county.view.id, AuditRow.action == "case.read")

    async def noted() -> list[str]:
        async with county.service.reading(county.view) as session:
            return [str(each) for each in (await session.execute(reads)).scalars()]

    before = len(await noted())
    answer = await county.ask("lead_village", f"{{ cases {{ nodes {{ {selection} }} }} }}")
    assert "errors" not in answer
    assert (await noted())[before:] == [case["id"]] * rows
    whole = (await county.ask("lead_village", f"{{ cases {{ nodes {{ {made} }} }} }}"))["data"]["cases"]["nodes"][0]
    assert "已到场" in [each["note"] for each in whole["timeline"]["nodes"]]


async def test_a_worker_seals_what_only_left_an_audit_row(county: County) -> None:
    async with running(county.service):
        async with county.open() as work:
            work.audit("test.noted", "county", county.view.id)
        for _ in range(200):
            async with county.open() as work:
                if (await verify(work)).unsealed == 0:
                    break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("still not sealed after twenty seconds")
