"""The author's first page: every block of it runs, in the order it stands there."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from graphql import build_schema

from gridloom.contract.check import check
from gridloom.contract.types import CaseView, Evidence, Intake, Message, Mode, Proposal, StepView
from gridloom.schema import schema_for
from gridloom.testing import PluginHost, Trial
from gridloom.testing.questions import SOMEBODY

PAGE = Path(__file__).parents[2] / "docs" / "write-a-mechanism.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page's blocks as one module."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "gridloom_women.py").write_text("\n\n".join(BLOCKS), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        module = __import__("gridloom_women")
        assert isinstance(module, ModuleType)
        yield module
    finally:
        sys.path.remove(str(folder))


def test_the_page_conforms_but_for_english(page):
    found = check(page, page.declare_mechanism())
    errors = [one.sentence for one in found if one.level == "error"]
    assert errors == []
    assert {one.sentence.split(" ")[0] for one in found if one.level == "warning"} == {"no"}


def test_the_page_names_what_comes_of_it(page):
    schema = build_schema(schema_for(PluginHost([page]), frozenset({"women"})).as_str())
    mutations = {name for name in schema.mutation_type.fields if name.startswith("women")}
    assert mutations == {"womenReferFamily", "womenWomensHomeDraft", "womenWomensHomePlan"}
    listed = schema.get_type("Women").fields["familyHelp"]
    assert {name: str(argument.type) for name, argument in listed.args.items()} == {
        "state": "String", "open": "Boolean", "first": "Int!", "after": "String", "element": "String",
    }  # fmt: skip
    assert str(schema.query_type.fields["women"].type) == "Women!"
    assert "MechanismRecord" in {one.name for one in schema.get_type("WomenFamilyHelp").interfaces}


def test_the_pages_questions_answer(page):
    host = PluginHost([page])
    county = host.switched({"women": (Mode.ON, {})})
    case = CaseView(SOMEBODY.id, "1", "A-01", "DISPUTE", "NORMAL", "HANDLED", "1", frozenset({"VICTIM"}))
    step = StepView("closeCase", "NORMAL", SOMEBODY, case.id, case=case)
    assert host.propose_dispatch(case, county).values == (Proposal("FL", "家事纠纷", 7),)
    assert [one.message for _key, one in host.object_to_step(step, county).refusals] == ["涉受害人的事件须先联系妇联。"]
    assert host.required_evidence(step, county).values == (Evidence("minutes", "调解笔录"),)
    message = Message("women_hotline", "1", {"text": "邻居争执"})
    assert host.message_arrived(message, county).values == (Intake("A-01", "邻居争执"),)


def test_the_pages_own_rule_test_passes(page):
    page.test_consent_is_needed(page)


async def test_the_pages_own_county_test_passes(page, database):
    assert inspect.iscoroutinefunction(page.test_a_family_is_helped)
    async with Trial.open(database, [page]) as trial:
        await page.test_a_family_is_helped(trial)
