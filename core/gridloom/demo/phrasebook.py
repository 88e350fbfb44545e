"""The phrase tables, read once: what people say about each of the hundred items and at each step of the procedure."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ITEM_TABLES = ("disputes", "safety", "service", "central")
# The tables are typed with Latin marks where that is quicker; a reader of Chinese sees full-width ones.
MARKS = str.maketrans({",": "，", "!": "！", "?": "？", ";": "；"})
SLOT_OR_COLON = re.compile(r"(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})|:")
# Kinds whose texts name nobody: who is meant stands only with the parties of the case.
NAMELESS = frozenset({"private", "minor", "health", "violence", "clue", "reporter", "emergency"})


@dataclass(frozen=True, slots=True)
class ItemPhrases:
    """What may be said about one item of the work list. Templates with slots, see `gridloom.demo.texts`."""

    kind: str
    title: tuple[str, ...]
    what: tuple[str, ...]
    more: tuple[str, ...]
    ask: tuple[str, ...]
    doing: tuple[str, ...]
    done: tuple[str, ...]


@cache
def items() -> Mapping[str, ItemPhrases]:
    """The phrases of every item by its code."""
    found: dict[str, ItemPhrases] = {}
    for name in ITEM_TABLES:
        for code, row in _read(name).items():
            parts = {part: _texts(row[part]) for part in ("title", "what", "more", "ask", "doing", "done")}
            found[code] = ItemPhrases(kind=str(row["kind"]), **parts)
    return found


@cache
def shared() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The phrases that all items share, by section and key."""
    return {section: {key: _texts(value) for key, value in rows.items()} for section, rows in _read("shared").items()}


def _read(name: str) -> dict[str, dict[str, str | list[str]]]:
    text = files("gridloom.demo.phrases").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _texts(values: str | list[str]) -> tuple[str, ...]:
    return tuple(_full_width(value) for value in values)


def _full_width(text: str) -> str:
    """Full-width marks; a colon inside a slot belongs to the slot."""
    return SLOT_OR_COLON.sub(lambda match: match.group(1) or "：", text.translate(MARKS))
