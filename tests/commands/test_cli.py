"""Commands of the operator: what they do, what they print, how they refuse."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text

from gridloom.access.service import create_account
from gridloom.runtime import Service
from gridloom.schema import Schemas
from tests.commands.conftest import Gridloom
from tests.support.county import make_county

TWO_VILLAGES = """code12,name_zh,level,parent_code12
539998000000,试验县,county,532900000000
539998100000,试验镇,township,539998000000
539998100200,东村村委会,village,539998100000
539998100201,西村村委会,village,539998100000
"""


@pytest.fixture(scope="module")
def divisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("divisions") / "divisions.csv"
    file.write_text(TWO_VILLAGES, encoding="utf-8")
    return file


def test_a_county_is_made_from_a_file_once_and_can_be_suspended(gridloom: Gridloom, divisions: Path) -> None:
    made = gridloom("county", "create", "539998", "--divisions", str(divisions))
    assert made.exit_code == 0, made.stderr
    assert made.stdout.startswith("✓ 试验县 (539998) stands, ")
    again = gridloom("county", "create", "539998", "--divisions", str(divisions))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "539998" in again.stderr

    assert gridloom("county", "suspend", "539998").stdout == "✓ 539998 is suspended\n"
    assert _row(gridloom("county", "list").stdout, "539998") == ["539998", "试验县", "SUSPENDED"]
    assert gridloom("county", "resume", "539998").stdout == "✓ 539998 works again\n"
    assert _row(gridloom("county", "list").stdout, "539998") == ["539998", "试验县", "ACTIVE"]


def test_plugins_are_switched_per_county_and_the_audit_chain_holds(gridloom: Gridloom, divisions: Path) -> None:
    gridloom("county", "create", "539998", "--divisions", str(divisions))
    switched = gridloom("plugin", "on", "539998", "court")
    assert (switched.exit_code, switched.stdout) == (0, "✓ court is on in 试验县 (539998)\n"), switched.stderr
    listed = gridloom("plugin", "list", "539998").stdout
    assert _row(listed, "court")[-1] == "on"
    unknown = gridloom("plugin", "on", "539998", "nosuch")
    assert unknown.exit_code == 1

    verified = gridloom("audit", "verify", "539998")
    assert verified.exit_code == 0, verified.stderr
    assert "links hold" in verified.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("county", "suspend", "53"), "six digits"),
        (("county", "suspend", "530000"), ""),
        (("county", "create", "530000"), "530000"),
        (("audit", "verify", "530000"), "There is no county 530000 here"),
        (("audit", "verify", "530000", "--head", "nonsense"), "SEQUENCE:DIGEST"),
        (("plugin", "check", "nosuch_module"), "cannot be imported"),
        (("plugin", "check", "json"), "is no plugin"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_1(gridloom: Gridloom, words: tuple[str, ...], said: str) -> None:
    refused = gridloom(*words)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("✗ ")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_the_program_itself_starts(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "gridloom.cli", "audit", "verify", "530000"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("✗ There is no county 530000 here")


def test_a_new_plugin_is_written_once_and_passes_the_check(gridloom: Gridloom, tmp_path: Path) -> None:
    made = gridloom("plugin", "new", "family_help", "--title", "家事帮扶", "--folder", str(tmp_path))
    assert made.exit_code == 0, made.stderr
    assert (tmp_path / "family_help" / "gridloom_family_help" / "__init__.py").is_file()
    checked = gridloom("plugin", "check", str(tmp_path / "family_help"))
    assert (checked.exit_code, checked.stdout.splitlines()[-1]) == (0, "gridloom_family_help: 0 errors, 0 warnings")
    again = gridloom("plugin", "new", "family_help", "--folder", str(tmp_path))
    assert (again.exit_code, again.stderr) == (1, f"✗ {tmp_path / 'family_help'} is there already.\n")
    assert gridloom("plugin", "new", "Family", "--folder", str(tmp_path)).exit_code == 1


def test_the_court_plugin_passes_the_conformance_check(gridloom: Gridloom) -> None:
    checked = gridloom("plugin", "check", "plugins/court")
    assert (checked.exit_code, checked.stdout.splitlines()[-1]) == (0, "gridloom_court: 0 errors, 0 warnings")


@pytest.fixture
def made(gridloom: Gridloom, divisions: Path) -> None:
    """The county of the file, whether this test or an earlier one made it."""
    gridloom("county", "create", "539998", "--divisions", str(divisions))


@pytest.mark.usefixtures("made")
async def test_a_made_county_has_its_territory(service: Service) -> None:
    county = await service.directory.by_code(service, "539998")
    assert county is not None
    async with service.reading(county) as session:
        grids = (await session.execute(text("SELECT count(*) FROM grid"))).scalar_one()
    assert grids == 4


def _row(printed: str, first: str) -> list[str]:
    """The words of the line of a printed table that begins with `first`."""
    return next(line.split() for line in printed.splitlines() if line.startswith(first))


CASES = """query Cases($first: Int) { cases(first: $first) { nodes { number } } }
"""


@pytest.fixture(scope="module")
async def asker(service: Service) -> str:
    """The code of a county in which the account `asker` may read cases."""
    county = await make_county(service, Schemas(service.host))
    staff = await county.add_person("asker", "centre_officer", "ZX000000")
    async with service.open(county.view) as work:
        await create_account(work, staff, "asker", "correct horse battery")
    return county.view.code


def explain(gridloom: Gridloom, folder: Path, county: str, *words: str, document: str = CASES) -> Result:
    """`gridloom reads explain` of a document, asked by an account of the county."""
    file = folder / "cases.graphql"
    file.write_text(document, encoding="utf-8")
    return gridloom("reads", "explain", str(file), "--county", county, *words)


def test_a_document_is_shown_as_its_one_statement_with_its_plan(
    gridloom: Gridloom, tmp_path: Path, asker: str
) -> None:
    as_asker = ("--account", "asker", "--operation", "Cases")
    shown = explain(gridloom, tmp_path, asker, *as_asker, "--variables", '{"first": 3}')
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("SELECT CAST(json_build_object('cases', ")
    assert shown.stdout.count("Execution Time: ") == 1
    assert " Scan " in shown.stdout
    assert shown.stderr.startswith("compiled: one statement\n")


@pytest.mark.parametrize(
    ("words", "document", "said"),
    [
        (("--account", "nobody"), "{ cases { nodes { number } } }", "There is no account nobody"),
        (("--account", "asker"), "{ casez { number } }", "GraphQL refuses it: Cannot query field 'casez'"),
        (("--account", "asker"), "mutation { nothing }", "GraphQL refuses it"),
        (("--account", "asker", "--variables", "{"), "{ cases { nodes { number } } }", "The variables are no JSON"),
        (("--account", "asker"), "{ me { id } }", "Not compiled: Python resolves Query.me, and so the whole document."),
        (("--account", "asker"), "{ cases { nodes { allowedSteps } } }", "Not compiled: Python resolves Case.allowedSteps"),
        (("--account", "asker"), "{ __schema { queryType { name } } }", "Not compiled: Python resolves Query.__schema"),
        (("--account", "asker"), "{ case { id } }", "GraphQL refuses its arguments: case: give one of id, number"),
        (("--account", "asker"), "{ cases(first: 201) { nodes { id } } }", "A page must have between 0 and 200 rows."),
    ],
)
def test_a_document_that_cannot_be_explained_says_why(
    gridloom: Gridloom, tmp_path: Path, asker: str, words: tuple[str, ...], document: str, said: str
) -> None:
    refused = explain(gridloom, tmp_path, asker, *words, document=document)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"✗ {said}")
