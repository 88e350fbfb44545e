"""docs/steps.md is what the table of steps says today."""

from scripts.steps_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: .venv/bin/python scripts/steps_page.py"
