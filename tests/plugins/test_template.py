"""`gridloom plugin new`: what it writes installs, conforms, and passes its own tests, untouched."""

import subprocess
import sys
from importlib.metadata import distributions

import pytest

from gridloom.plugin_template import create


def run(*command, cwd, **environment):
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_plugin_installs_conforms_and_passes_its_tests(tmp_path):
    folder = create(tmp_path, "family_help", title="妇联家事帮扶", department="FL")
    site = tmp_path / "site"
    run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(site),
        str(folder), cwd=tmp_path)  # fmt: skip
    found = {entry.name: entry.value for one in distributions(path=[str(site)]) for entry in one.entry_points}
    assert found == {"family_help": "gridloom_family_help"}
    told = run("-m", "pytest", "-q", "tests", cwd=folder, PYTHONPATH=str(site))
    assert "3 passed" in told
    run("-m", "ruff", "check", "--isolated", "--line-length", "120", "--select", "E,F,B,UP,SIM", ".", cwd=folder)


def test_a_key_that_cannot_be_one_is_refused(tmp_path):
    with pytest.raises(ValueError, match="lower_snake_case"):
        create(tmp_path, "Family-Help")
    create(tmp_path, "family_help")
    with pytest.raises(FileExistsError):
        create(tmp_path, "family_help")
