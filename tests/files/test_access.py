"""Who gets a file: its uploader until it belongs to a case, then whoever sees the case, and nobody else."""

from uuid import UUID

import httpx
from sqlalchemy import select

from gridloom.access.clients import create_client
from gridloom.audit.models import AuditRow
from gridloom.cases.models import AttachmentRow
from gridloom.runtime import Service
from tests.files import samples
from tests.files.conftest import SignIn
from tests.files.person import Person
from tests.support.county import County

FILES = """query($id: ID!) { case(id: $id) {
    attachments { id name mediaType bytes step url thumbnailUrl } timeline { nodes { step attachments { id } } }
} }"""
REPORT = "mutation($i: ReportCaseInput!) { reportCase(input: $i) { case { attachments { name } } problems { code } } }"


async def got(person: Person, file: str, small: bool = False) -> int:
    """The status that somebody's request for a file is answered with."""
    return (await person.http.get(f"/files/{person.county.code}.{file}" + ("/small" if small else ""))).status_code


async def test_a_loose_file_is_its_uploaders_alone(member: Person, officer: Person, county: County, sign_in: SignIn) -> None:
    colleague = await sign_in(county, "grid_member", None, "101201001")
    file = await member.file(samples.jpeg())
    assert [await got(one, file) for one in (member, officer, colleague)] == [200, 404, 404]
    refused = await colleague.step("reportCase", "case { id }", description="冒用", workItemCode="C-13", attachmentIds=[file])
    assert refused["problems"] == [{"code": "NOT_FOUND", "path": ["attachmentIds"]}]


async def test_a_file_is_seen_with_its_case(member: Person, officer: Person, county: County, sign_in: SignIn) -> None:
    west = await sign_in(county, "centre_officer", "ZX101202")
    water = await sign_in(county, "department_officer", "SW")
    file = await member.file(samples.jpeg(), "堵点.jpg")
    case = await member.report([file])
    assert [await got(one, file) for one in (member, officer, west, water)] == [200, 200, 404, 404]
    assert [await got(one, file, small=True) for one in (officer, west)] == [200, 404]
    shown = (await officer.ask(FILES, id=case))["case"]
    address = f"/files/{county.code}.{file}"
    size = len((await officer.http.get(address)).content)
    assert shown == {
        "attachments": [{
            "id": file, "name": "堵点.jpg", "mediaType": "image/jpeg", "bytes": size, "step": "reportCase", "url": address,
            "thumbnailUrl": f"{address}/small",
        }],
        "timeline": {"nodes": [{"step": "reportCase", "attachments": [{"id": file}]}]},
    }
    again = await member.step("reportCase", "case { id }", description="再用", workItemCode="C-13", attachmentIds=[file])
    assert again["problems"] == [{"code": "NOT_FOUND", "path": ["attachmentIds"]}]


async def test_another_county_knows_nothing(member: Person, other_county: County, sign_in: SignIn) -> None:
    stranger = await sign_in(other_county, "centre_lead", "ZX000000")
    file = await member.file(samples.jpeg())
    await member.report([file])
    for address in (f"/files/{member.county.code}.{file}", f"/files/{other_county.code}.{file}", f"/files/{file}"):
        assert (await stranger.http.get(address)).status_code == 404
    assert (await member.http.get(f"/files/{file}")).status_code == 200
    code = member.county.code
    for odd in ("nothing", f"{code}.", f"999999.{file}", f"{code}..{file}", f"{code}.{file}x"):
        assert (await member.http.get(f"/files/{odd}")).status_code == 404
    member.http.cookies.clear()
    assert (await member.http.get(f"/files/{member.county.code}.{file}")).status_code == 401


async def test_steps_of_units_take_files(member: Person, officer: Person, county: County, sign_in: SignIn) -> None:
    water, housing = await sign_in(county, "department_officer", "SW"), await sign_in(county, "department_officer", "ZJ")
    case_id = await member.report([])
    accepted = (await officer.step("acceptCase", "case { version }", caseId=case_id, version=1))["case"]
    whistled = (await officer.step(
        "blowWhistle", "case { assignments { id version role } }", caseId=case_id, version=accepted["version"],
        grade="ROUTINE", leadId=str(county.units["SW"]), assistIds=[str(county.units["ZJ"])], reason="超出本级职权",
    ))["case"]
    lead, assist = (one["id"] for one in sorted(whistled["assignments"], key=lambda one: one["role"], reverse=True))
    given: dict[str, list[str]] = {}

    async def with_files(person: Person, step: str, **values: object) -> None:
        given[step] = [await person.file(samples.jpeg(seed), f"{step}.jpg") for seed in (1, 2)]
        payload = await person.step(step, "case { version }", attachmentIds=given[step], **values)
        assert payload["problems"] == [], payload

    await with_files(housing, "askReturn", assignmentId=assist, version=1, reason="NOT_OUR_DUTY", basis="三定方案第四条")
    await water.step("signAssignment", "case { id }", assignmentId=lead, version=1)
    await with_files(water, "reportIn", assignmentId=lead, version=2, personName="李工")
    await with_files(water, "addProgress", caseId=case_id, note="已到场")
    shown = (await officer.ask(FILES, id=case_id))["case"]
    at_steps = {one["step"]: [f["id"] for f in one["attachments"]] for one in shown["timeline"]["nodes"] if one["attachments"]}
    assert at_steps == given
    assert {one["id"] for one in shown["attachments"]} == {file for files in given.values() for file in files}


async def test_files_of_a_sealed_case(member: Person, officer: Person, county: County, sign_in: SignIn, service: Service) -> None:
    lead, police = await sign_in(county, "centre_lead", "ZX101201"), await sign_in(county, "department_lead", "GA")
    file = await member.file(samples.jpeg(), "张三的伤.jpg")
    sealed = await member.step(
        "reportCase", "case { id }", description="家暴", workItemCode="A-08", attachmentIds=[file]
    )
    assert sealed == {"case": None, "problems": []}
    assert [await got(one, file) for one in (lead, police)] == [200, 200]
    # Whoever took the picture sees it no longer: the case is not theirs to see.
    assert [await got(one, file) for one in (member, officer)] == [404, 404]
    answer = await lead.http.get(f"/files/{county.code}.{file}")
    assert answer.headers["cache-control"] == "no-store"
    assert "%E9%99%84%E4%BB%B61.jpg" in answer.headers["content-disposition"]  # 附件1.jpg
    async with service.reading(county.view) as session:
        row = (await session.execute(select(AttachmentRow).where(
            AttachmentRow.tenant_id == county.view.id, AttachmentRow.id == UUID(file)
        ))).scalar_one()
        assert row.name == "附件1.jpg"
        readers = (await session.execute(select(AuditRow.actor_id).where(
            AuditRow.tenant_id == county.view.id, AuditRow.action == "file.read", AuditRow.subject_id == row.id
        ))).scalars().all()
    assert sorted(readers) == sorted([lead.id, police.id, lead.id])


async def test_a_department_system_uploads_with_its_token(county: County, url: str) -> None:
    async with county.open() as work:
        client_id, secret = await create_client(work, county.units["GA"], "police system")
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        token = (await http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret)
        )).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        sent = await http.post(
            "/files", headers=bearer, data={"key": "JQ-2026-1"}, files={"file": ("接警单.pdf", samples.pdf())}
        )
        assert sent.status_code == 201, sent.text
        values = {
            "key": "JQ-2026-1", "description": "打架", "workItemCode": "C-10", "attachmentIds": [sent.json()["id"]],
            "gridCode": f"{county.code}101201001",
        }
        body = {"query": REPORT, "variables": {"i": values}}
        reported = (await http.post("/graphql", headers=bearer, json=body)).json()["data"]["reportCase"]
    assert reported == {"case": {"attachments": [{"name": "接警单.pdf"}]}, "problems": []}
