"""Every refusal of the territory and of the work list has its sentence in both languages, filled in."""

import re
from importlib.resources import files

import pytest

from gridloom.i18n import LOCALES, message_ids, translate

USED = re.compile(r'"((?:grid|item|frame|divisions|villager-group|external-code|service-level)-[a-z-]+)"')


def used() -> set[str]:
    """Message ids that stand in the code of the two slices."""
    return {
        found
        for slice_ in ("grid", "catalogue")
        for file in (files("gridloom") / slice_).iterdir() if file.name.endswith(".py")
        for found in USED.findall(file.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_every_refusal_has_its_sentence(locale: str) -> None:
    assert len(used()) > 30
    assert used() - message_ids(locale) == set()


def test_parameters_are_filled() -> None:
    assert translate("zh-CN", "grid-code-taken", subject="532925") == "编码 532925 已被使用。"
    assert translate("en", "grid-level-unknown", subject="13", level=6) == "The county has no level 6 (grid 13)."
    assert translate("en", "item-code-unknown", subject="X") == "“X” is not a known code."
