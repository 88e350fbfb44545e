"""A photograph that stands in two cases: the verifier is told, and nobody else."""

from tests.files import samples
from tests.files.conftest import SignIn
from tests.files.person import Person
from tests.support.county import County

REUSED = "query($id: ID!) { case(id: $id) { status allowedSteps reusedPictures { attachment { id } exact caseNumber } } }"



async def handled(county: County, member: Person, officer: Person, water: Person, file: str) -> str:
    """A case that its unit has done, waiting for verification."""
    case = await member.report([file])
    accepted = (await officer.step("acceptCase", "case { version }", caseId=case, version=1))["case"]
    routed = (await officer.step(
        "routeCase", "case { assignments { id } }", caseId=case, version=accepted["version"],
        organizationId=str(county.units["SW"]),
    ))
    assert routed["problems"] == [], routed
    lead = routed["case"]["assignments"][0]["id"]
    await water.step("signAssignment", "case { id }", assignmentId=lead, version=1)
    done = await water.step("completeAssignment", "case { status }", assignmentId=lead, version=2, result="已清理")
    assert done["case"] == {"status": "HANDLED"}, done
    return case


async def test_the_verifier_is_told_of_a_picture_used_before(
    county: County, member: Person, officer: Person, sign_in: SignIn
) -> None:
    water = await sign_in(county, "department_officer", "SW")
    west = await sign_in(county, "centre_officer", "ZX101202")
    west_member = await sign_in(county, "grid_member", None, "101202001")
    photo = samples.jpeg(41, (1600, 1200), 92)
    smaller = samples.encoded(samples.scene(41, (1600, 1200)).resize((800, 600)), "JPEG", quality=55)
    first = await handled(county, member, officer, water, await member.file(photo))
    number = (await officer.ask("query($id: ID!) { case(id: $id) { number } }", id=first))["case"]["number"]
    exact_file, like_file = await member.file(photo), await member.file(smaller)
    exact = await handled(county, member, officer, water, exact_file)
    like = await handled(county, member, officer, water, like_file)
    other = await handled(county, member, officer, water, await member.file(samples.jpeg(42)))
    hints = {id: (await officer.ask(REUSED, id=id))["case"]["reusedPictures"] for id in (exact, like, other)}
    assert {"attachment": {"id": exact_file}, "exact": True, "caseNumber": number} in hints[exact]
    assert {"attachment": {"id": like_file}, "exact": False, "caseNumber": number} in hints[like]
    assert hints[other] == []
    for one in (member, water):
        assert (await one.ask(REUSED, id=exact))["case"]["reusedPictures"] == []
    # A verifier elsewhere learns that there is another case, not which.
    far = await west_member.report([await west_member.file(photo)])
    accepted = (await west.step("acceptCase", "case { version }", caseId=far, version=1))["case"]
    routed = (await west.step(
        "routeCase", "case { assignments { id } }", caseId=far, version=accepted["version"],
        organizationId=str(county.units["SW"]),
    ))["case"]
    await water.step("signAssignment", "case { id }", assignmentId=routed["assignments"][0]["id"], version=1)
    await water.step("completeAssignment", "case { id }", assignmentId=routed["assignments"][0]["id"], version=2, result="好")
    told = (await west.ask(REUSED, id=far))["case"]["reusedPictures"]
    assert len(told) == 3
    assert {one["caseNumber"] for one in told} == {None}


async def test_nobody_is_told_before_it_is_to_be_verified(member: Person, officer: Person) -> None:
    photo = samples.jpeg(51)
    await member.report([await member.file(photo)])
    case = await member.report([await member.file(photo)])
    assert (await officer.ask(REUSED, id=case))["case"]["reusedPictures"] == []


async def test_protected_cases_are_never_compared(
    county: County, member: Person, officer: Person, sign_in: SignIn
) -> None:
    water = await sign_in(county, "department_officer", "SW")
    photo = samples.jpeg(61)
    hidden = await member.step(
        "reportCase", "case { id }", description="家暴", workItemCode="A-08", attachmentIds=[await member.file(photo)]
    )
    assert hidden["problems"] == []
    case = await handled(county, member, officer, water, await member.file(photo))
    assert (await officer.ask(REUSED, id=case))["case"]["reusedPictures"] == []
