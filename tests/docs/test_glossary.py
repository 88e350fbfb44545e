"""docs/glossary.md: every word that a reader of core's schema meets has its entry, in both languages."""

import re

from graphql import GraphQLEnumType, GraphQLObjectType

from gridloom.contract.host import PluginHost
from gridloom.http.run import graphql_schema
from gridloom.people.roles import ROLES
from gridloom.schema import schema_for
from tests.docs.pages import DOCS

CODED = re.compile(r"[A-Z][A-Z_0-9]+|[A-Z][a-z]+[A-Za-z]*|[a-z]+_[a-z_]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]|^\d+$")


def entries() -> list[list[str]]:
    """Rows of every table: English, 中文, meaning."""
    lines = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] != "English"]


def words_of_the_schema() -> set[str]:
    """Object types, enums and enum values of core without plugins."""
    words: set[str] = set()
    for name, kind in graphql_schema(schema_for(PluginHost(), frozenset())).type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLEnumType):
            words |= {name, *kind.values}
        elif isinstance(kind, GraphQLObjectType):
            words.add(name)
    return words


def explained() -> set[str]:
    """Words with an entry; the rows `…Connection` and `…Payload` name their words in the meaning."""
    words: set[str] = set()
    for english, _, meaning in entries():
        words |= set(english.split(", ")) | (set(re.findall(r"\w+", meaning)) if english.startswith("…") else set())
    return words


def test_every_word_of_the_schema_and_every_role_is_explained() -> None:
    assert sorted((words_of_the_schema() | set(ROLES)) - explained()) == []


def test_no_entry_has_outlived_its_word() -> None:
    coded = {english for english, _, _ in entries() if CODED.fullmatch(english)}
    assert sorted(coded - words_of_the_schema() - set(ROLES)) == []


def test_every_entry_is_one_sentence_in_two_languages() -> None:
    rows = entries()
    assert all(len(row) == 3 for row in rows)
    assert [english for english, chinese, _ in rows if not CHINESE.search(chinese)] == []
    assert [english for english, _, meaning in rows if not meaning.endswith(".") or ". " in meaning] == []
    named = [word for english, _, _ in rows for word in english.split(", ")]
    assert sorted({word for word in named if named.count(word) > 1}) == []
