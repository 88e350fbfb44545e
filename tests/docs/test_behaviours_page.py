"""docs/behaviours.md is what the tables of behaviours say today."""

from scripts.behaviours_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: .venv/bin/python scripts/behaviours_page.py"
