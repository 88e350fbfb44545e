"""`gridloom plugin new`: a folder that installs, passes the conformance check and its own tests, and is meant to be
changed: one element on core's handover, one rule, one form."""

from pathlib import Path
from string import Template

from gridloom.contract.declare import KEY, pascal

FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "gridloom-$dashed"
version = "0.1.0"
description = "$title for Gridloom."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["gridloom>=0.1,<0.2"]

[project.entry-points."gridloom.plugins"]
$key = "gridloom_$key"

[tool.setuptools]
packages = ["gridloom_$key"]

[tool.setuptools.package-data]
gridloom_$key = ["locale/*/*.ftl", "py.typed"]

[tool.pytest.ini_options]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "session"
asyncio_default_test_loop_scope = "session"
addopts = "--import-mode=importlib"
""",
    "README.md": """\
# $title

| element | behaviour | code |
|---|---|---|
| `transfer` $element | handover | `gridloom_$key/__init__.py`, forms in `forms.py`, refusals in `rules.py` |

    pip install -e .
    gridloom plugin check gridloom_$key
    pytest
""",
    "gridloom_$key/__init__.py": """\
\"\"\"$title: its elements, each a behaviour of core's with forms, rules and figures of its own.\"\"\"

from pathlib import Path

from gridloom.plugin import Clock, Element, Figure, Mechanism, handover, hookimpl
from gridloom_$key import rules
from gridloom_$key.forms import TransferOffer

transfer = Element(
    key="transfer",
    group="联",
    title="$element",
    behaviour=handover.behaviour,
    forms={handover.offer: TransferOffer},
    verbs={handover.offer: "Transfer"},
    clocks=(Clock("sl:handover_accept", handover.offer, (handover.accept, handover.refuse, handover.withdraw),
                  label="接收期限", working_days=1),),
    figure=Figure("在办", states=("OFFERED", "ACCEPTED")),
)  # fmt: skip
transfer.rule(handover.offer)(rules.consents)


@hookimpl
def declare_mechanism() -> Mechanism:
    return Mechanism(
        key="$key",
        title="$title",
        department="$department",
        elements=(transfer,),
        locale=Path(__file__).parent / "locale",
    )
""",
    "gridloom_$key/forms.py": """\
\"\"\"What is filled in at this mechanism's own steps.\"\"\"

from pydantic import Field

from gridloom.plugin import handover


class TransferOffer(handover.Offer):
    \"\"\"A matter is handed over with the person's consent.\"\"\"

    consent: bool = Field(title="本人同意移送")
""",
    "gridloom_$key/rules.py": """\
\"\"\"Refusals: pure functions of what they are asked.\"\"\"

from gridloom.plugin import Ask, Refusal
from gridloom_$key.forms import TransferOffer


def consents(ask: Ask[TransferOffer]) -> Refusal | None:
    \"\"\"Nobody's matter is handed over without their consent.\"\"\"
    return None if ask.form.consent else Refusal("VALIDATION", "$dashed-consent-missing", ("consent",))
""",
    "gridloom_$key/py.typed": "",
    "gridloom_$key/locale/zh-CN/$key.ftl": """\
$dashed-consent-missing = 须经本人同意。
""",
    "gridloom_$key/locale/en/$key.ftl": """\
$dashed = $english
$dashed-transfer = Transfer
$dashed-transfer-figure-0 = Open
$dashed-TransferOffer-consent = The person consents
$dashed-consent-missing = The person's consent is needed.
""",
    "tests/conftest.py": """\
import pytest

import gridloom_$key
from gridloom.testing.fixtures import trial, trial_servers

__all__ = ["plugins", "trial", "trial_servers"]


@pytest.fixture(scope="session")
def plugins():
    return [gridloom_$key]
""",
    "tests/test_$key.py": """\
\"\"\"The mechanism tried: its rules alone, then its element in a county.\"\"\"

import gridloom_$key
from gridloom.plugin import Refusal, handover
from gridloom.testing import PluginHost, ask, check, outcome

HOST = PluginHost([gridloom_$key])
MECHANISM = HOST.mechanisms["$key"]
ELEMENT = gridloom_$key.transfer


def test_it_conforms():
    assert check(gridloom_$key, MECHANISM) == []


def test_consent_is_needed():
    values = {"organization_id": "0192f7a0-0000-7000-8000-000000000001", "reason": "请协助调解", "consent": False}
    asked = ask(ELEMENT, handover.offer, values)
    assert outcome(HOST, MECHANISM, ELEMENT, handover.offer, asked) == [
        Refusal("VALIDATION", "$dashed-consent-missing", ("consent",))
    ]


async def test_a_matter_goes_over_and_comes_back(trial):
    county = await trial.county("$key")
    sender = await county.as_member("department_officer", "$department")
    receiver = await county.as_member("department_officer", "$other")
    values = {"organization_id": str(county.organizations["$other"]), "reason": "请协助调解", "consent": True}
    matter = await county.begin(sender, "$key", "transfer", "offer", values)
    for person, step, filled in (
        (receiver, "accept", {}), (receiver, "answer", {"answer": "已办结"}), (sender, "receipt", {}),
    ):
        matter = await county.take(person, matter, step, filled)
    assert matter.state == "RECEIPTED"
""",
}


def create(path: Path, key: str, *, title: str | None = None, department: str = "MZ") -> Path:
    """Write a new plugin into `path / key` and return that folder.

    `key` is lower_snake_case, `department` the code of the organisation whose mechanism it is. Raises ValueError for a
    key that cannot be one, FileExistsError when the folder is there already.
    """
    if not KEY.match(key):
        raise ValueError(f"{key} cannot be a plugin's key: write it lower_snake_case, such as family_help")
    folder = path / key
    folder.mkdir(parents=True)
    words = {
        "key": key, "dashed": key.replace("_", "-"), "title": title or f"{pascal(key)} 机制", "element": "移送办理",
        "english": pascal(key), "department": department, "other": "FL" if department == "SF" else "SF",
    }
    for name, text in FILES.items():
        file = folder / Template(name).substitute(words)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(text).substitute(words), encoding="utf-8")
    return folder
