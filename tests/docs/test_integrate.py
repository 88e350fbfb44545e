"""docs/integrate.md: its commands and its program, as they stand there, work for a department's system."""

import json
from pathlib import Path

from tests.docs.pages import bash, python
from tests.support.county import County


async def test_the_commands_get_a_token_and_an_answer(access_file: Path, tmp_path: Path, small_county: County) -> None:
    answer = json.loads(await bash("integrate.md", access_file, tmp_path))
    assert answer["data"]["me"]["county"]["code"] == small_county.code
    assert [post["organization"]["code"] for post in answer["data"]["me"]["posts"]] == ["FY"]


async def test_the_program_reports_signs_and_follows(access_file: Path, tmp_path: Path, small_county: County) -> None:
    reported = await small_county.step(
        "member", "reportCase", "case { id version }", workItemCode="A-01", description="两家为宅基地边界争吵"
    )
    case = reported["case"]["id"]
    await small_county.step("officer_village", "acceptCase", "case { id }", caseId=case, version=1)
    await small_county.step(
        "officer_village", "routeCase", "case { id }", caseId=case, version=2,
        organizationId=str(small_county.units["FY"]),
    )  # fmt: skip
    printed = (await python("integrate.md", access_file, tmp_path)).splitlines()
    look = await small_county.ask(
        "officer_village", "query($id: ID) { case(id: $id) { assignments { status } timeline { nodes { step } } } }", id=case
    )
    assert look["data"]["case"]["assignments"] == [{"status": "SIGNED"}]
    assert look["data"]["case"]["timeline"]["nodes"][0] == {"step": "signAssignment"}
    told = [line.split()[2] for line in printed if line.endswith(case)]
    assert "case.shared" in told
    assert printed[-1].startswith("{'cursor': ")
