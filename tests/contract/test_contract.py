"""What outside systems rely on stays as it is: no breaking change, every document of theirs valid, every word explained."""

import difflib
from collections.abc import Iterator

import pytest
from graphql import GraphQLSchema, build_schema, find_breaking_changes, is_introspection_type, parse, validate
from graphql.type import is_specified_scalar_type

from tests.contract.built import HERE, SETS, built, kept, text_of

CONTRACT = (HERE / "core.graphql").read_text(encoding="utf-8")
DOCUMENTS = (HERE / "main-job.graphql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETS)
def test_nothing_of_the_contract_breaks(name: str) -> None:
    changes = find_breaking_changes(build_schema(CONTRACT), built(name))
    assert [change.description for change in changes] == []


@pytest.mark.parametrize("name", SETS)
def test_every_document_is_valid_as_it_stands(name: str) -> None:
    assert [error.message for error in validate(built(name), parse(DOCUMENTS))] == []


def test_a_broken_promise_is_seen() -> None:
    """The comparison itself works: a field less and an argument more are found."""
    broken = text_of("core").replace("  gridAt(", "  gridWhere(", 1)
    found = [change.description for change in find_breaking_changes(build_schema(CONTRACT), build_schema(broken))]
    assert found == ["Field Query.gridAt was removed."]


@pytest.mark.parametrize("name", ["core", "core+court"])
def test_the_kept_text_is_the_schema(name: str) -> None:
    """A change of the schema is seen in review: `python -m tests.contract.built` writes the kept text anew."""
    was, present = kept(name).read_text(encoding="utf-8"), text_of(name)
    difference = difflib.unified_diff(was.splitlines(), present.splitlines(), "kept", "built", lineterm="")
    assert was == present, "\n".join(["python -m tests.contract.built writes it anew:", *difference])


@pytest.mark.parametrize("name", SETS)
def test_every_type_field_and_argument_is_described(name: str) -> None:
    assert sorted(undescribed(built(name))) == []


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """What a reader of the schema would have to guess. Values of enums may speak for themselves."""
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description:
            yield name
        for field_name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                yield f"{name}.{field_name}"
            for argument_name, argument in getattr(field, "args", {}).items():
                if not argument.description:
                    yield f"{name}.{field_name}({argument_name})"
