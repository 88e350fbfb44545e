from collections import Counter

import pytest

from gridloom.demo.frame import county_grids, midu_grids
from gridloom.demo.names import LAST_SERIAL, is_demo_phone, phone
from gridloom.demo.people import Population, population

ROLES = {
    "grid_member", "grid_chief", "group_head", "centre_officer", "centre_lead", "department_officer", "department_lead",
    "mediator", "leader",
}  # fmt: skip


@pytest.fixture(scope="module")
def midu() -> Population:
    return population(midu_grids())


def kinds(people: Population) -> Counter[tuple[str, int]]:
    return Counter((organization.kind, organization.level) for organization in people.organizations)


def test_organisations_are_those_of_the_model_county(midu: Population) -> None:
    assert kinds(midu) == {
        ("CENTRE", 2): 1, ("CENTRE", 3): 8, ("CENTRE", 4): 89,
        ("DEPARTMENT", 2): 35, ("TOWNSHIP", 3): 8, ("VILLAGE", 4): 89,
        ("MEDIATION_JOINT_CENTRE", 3): 8, ("MEDIATION_COMMITTEE", 4): 89, ("MEDIATION_GROUP", 5): 1271,
        ("MEDIATION_STUDIO", 4): 101, ("MEDIATION_WOMEN_TEAM", 3): 8, ("MEDIATION_WOMEN_TEAM", 4): 89,
        ("WORKING_GROUP", 2): 8, ("LEADING_GROUP", 2): 1, ("LEADING_GROUP", 3): 8,
    }  # fmt: skip
    codes = {organization.code for organization in midu.organizations}
    assert len(codes) == len(midu.organizations)
    assert {organization.parent for organization in midu.organizations} - {None} <= codes


def test_grid_members_stand_where_the_frame_puts_them(midu: Population) -> None:
    standing = Counter(post.grid for post in midu.grid_members)
    assert len({post.person.key for post in midu.grid_members}) == 1903
    assert standing == {grid.code: grid.members for grid in midu_grids()}


def test_groups_are_not_grids(midu: Population) -> None:
    assert len(midu.groups) == len({group.code for group in midu.groups}) == 1271
    assert len({(group.village, group.name) for group in midu.groups}) == 1271
    assert all(grid.startswith(group.village) for group in midu.groups for grid in group.grids)
    touched = Counter(grid for group in midu.groups for grid in group.grids)
    assert len(touched) == 940, "every level-5 grid holds a group"
    assert max(touched.values()) > 1
    assert {len(group.grids) for group in midu.groups} == {1, 2}


def test_persons_are_distinct_and_their_numbers_of_the_demo_block(midu: Population) -> None:
    persons = {post.person.key: post.person for post in midu.posts}
    phones = [person.phone for person in persons.values()]
    assert len(set(phones)) == len(persons)
    assert all(is_demo_phone(number) for number in phones)
    assert all(2 <= len(person.name) <= 3 for person in persons.values())
    assert {post.role for post in midu.posts} == ROLES
    codes = {organization.code for organization in midu.organizations}
    assert {post.organization for post in midu.posts} - {None} <= codes


def test_every_desk_has_someone(midu: Population) -> None:
    staffed = Counter(post.organization for post in midu.posts)
    for organization in midu.organizations:
        assert staffed[organization.code] >= 1, organization
    leads = Counter(post.organization for post in midu.posts if post.role in ("centre_lead", "department_lead"))
    desks = [entry for entry in midu.organizations if entry.kind in ("CENTRE", "DEPARTMENT", "TOWNSHIP", "VILLAGE")]
    assert all(leads[desk.code] >= 1 for desk in desks)
    assert all(staffed[desk.code] >= 2 for desk in desks), "one who handles and another who checks"


def test_the_same_on_every_run_and_for_another_county(midu: Population) -> None:
    assert population(midu_grids()) == midu
    other = population(county_grids("532923", leaves=2), studios=5)
    assert kinds(other)["MEDIATION_STUDIO", 4] == 5
    assert kinds(other)["DEPARTMENT", 2] == 35


def test_the_block_of_numbers_ends() -> None:
    assert phone(7) == "19900000007"
    assert not is_demo_phone("13900000007")
    with pytest.raises(ValueError, match="serials 0 to"):
        phone(LAST_SERIAL + 1)
