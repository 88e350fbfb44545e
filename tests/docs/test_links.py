"""What the pages point at is there."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "README.zh-CN.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("CHANGES/*.md")])
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([a-z_]+(?:/[\w.{},-]+)*/?)`")
SOURCES = ("", "core/gridloom/")


def present(name: str) -> bool:
    """Whether a path is one of the checkout's, or of the source root's."""
    return any((ROOT / source / name).exists() for source in SOURCES)


def unfolded(name: str) -> list[str]:
    """dispatch/{service,whistles}.py → both paths."""
    match = re.fullmatch(r"(.*)\{(.*)\}(.*)", name)
    return [f"{match[1]}{part}{match[3]}" for part in match[2].split(",")] if match else [name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if not target.startswith("http")]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_place_that_is_named_exists() -> None:
    page = (ROOT / "docs" / "where-things-live.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    named = [path for row in rows for name in CODE.findall(row) for path in unfolded(name) if "/" in path or "." in path]
    assert len(named) > 60
    assert [path for path in named if "*" not in path and not present(path)] == []
