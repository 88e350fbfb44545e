"""Schemas are values: sets of plugins side by side, wrong declarations refused, arguments printed as declared."""

from collections.abc import Callable
from datetime import datetime

import pytest
import strawberry
from graphql import print_type
from sqlalchemy import true

from gridloom.reads import (
    ComposedSchema,
    DeclarationError,
    Query,
    compose,
    connection,
    extends,
    many,
    maps,
    one,
    page,
    pages,
    single,
)
from tests.reads import models, sample
from tests.reads.asking import Asking


def bare() -> ComposedSchema:
    return compose(queries=[sample.Queries])


async def test_without_plugins_the_interface_list_is_empty_and_unasked(ask: Asking) -> None:
    answer = await ask('{ matter(number: "M-008") { notes { id } } }', schema=bare())
    assert (answer.data, answer.errors, len(answer.statements)) == ({"matter": {"notes": []}}, [], 1)


async def test_sets_side_by_side(ask: Asking, schema: ComposedSchema) -> None:
    court = compose(queries=[sample.Queries], types=[sample.CourtMediation])
    document = '{ matter(number: "M-008") { notes { __typename } } }'
    assert (await ask(document, schema=court)).data == {"matter": {"notes": [{"__typename": "CourtMediation"}]}}
    assert len((await ask(document)).data["matter"]["notes"]) == 2
    assert "openCount" not in print_type(court._schema.type_map["Station"])
    assert "openCount" in print_type(schema._schema.type_map["Station"])
    assert court.registry.types.keys() != schema.registry.types.keys()


def test_what_is_declared_is_printed(schema: ComposedSchema) -> None:
    assert print_type(schema._schema.type_map["Query"]) == '''"""What can be read."""
type Query {
  matter(id: ID, number: String): Matter
  person(id: ID!): Person
  matters(
    """only rows that match all of it"""
    filter: MatterFilter

    """how many, 1 to 200"""
    first: Int! = 50

    """endCursor of the page before"""
    after: String
  ): MatterConnection!
  stations(
    level: Int
    code: String

    """how many, 1 to 200"""
    first: Int! = 50

    """endCursor of the page before"""
    after: String
  ): StationConnection!
  waiting(
    """how many, 1 to 200"""
    first: Int! = 50

    """endCursor of the page before"""
    after: String
  ): WaitingConnection!
  tasks(
    role: String

    """how many, 1 to 200"""
    first: Int! = 50
  ): [Task!]!
  rootStation: Station
}'''
    assert print_type(schema._schema.type_map["Station"]) == '''"""A place."""
type Station {
  id: ID!
  code: String!
  level: Int!
  parent: Station
  path: [Station!]!

  """how many are open"""
  openCount: Int!
  newestTitle: String
}'''
    assert print_type(schema._schema.type_map["MatterConnection"]).endswith('''
  """how many rows all pages hold"""
  totalCount(
    """count all, however many (costs time)"""
    exact: Boolean! = false
  ): Count!
}''')
    steps = print_type(schema._schema.type_map["Matter"])
    assert '"""which end first"""\n    order: TimelineOrder! = NEWEST_FIRST\n  ): StepConnection!' in steps
    assert '"""the county\'s number for it"""\n  number: String!' in steps


def wrong_column() -> type:
    @maps(models.PersonRow)
    class Nameless:
        surname: str

    return Nameless


def nullable_leaf() -> type:
    @maps(models.MatterRow)
    class Due:
        due_at: datetime

    return Due


def hidden_parent() -> type:
    @maps(models.TaskRow)
    class Hidden:
        matter: sample.Matter = one("matter_id")

    return Hidden


def page_by_null() -> type:
    @maps(models.StationRow)
    class Paged:
        matters: sample.MatterConnection = page("station_id", order=["due_at"])

    return Paged


def no_list() -> type:
    @maps(models.MatterRow)
    class Unlisted:
        marks: sample.Mark

    return Unlisted


def root_in_a_type() -> type:
    @maps(models.StationRow)
    class Rooted:
        matters: sample.MatterConnection = connection(order=["-reported_at"])

    return Rooted


def unknown_back() -> type:
    @maps(models.StationRow)
    class Backless:
        matters: list[sample.Matter] = many("stationid", order=[])

    return Backless


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (wrong_column, "Nameless.surname: table t_person has no column surname"),
        (nullable_leaf, "Due.dueAt: column due_at may be null, the field may not"),
        (hidden_parent, "Hidden.matter: Matter may be hidden: make the field nullable or say through=True"),
        (page_by_null, "Paged.matters: t_matter.due_at may be null: no order key of a page"),
        (no_list, "Unlisted.marks: column marks: one is a list, the other is not"),
        (root_in_a_type, "connection, listing and single stand at the root"),
        (unknown_back, "Backless.matters: table t_matter has no column stationid"),
    ],
)
def test_wrong_declarations_are_refused(make: Callable[[], type], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        compose(queries=[sample.Queries], types=[make()])


def test_names_said_twice_are_refused() -> None:
    with pytest.raises(DeclarationError, match="Station: said twice: newestTitle, openCount"):
        compose(queries=[sample.Queries], extensions=[sample.StationMatters, sample.StationMatters])


def test_mutations_are_merged_once() -> None:
    @strawberry.type
    class First:
        @strawberry.mutation
        def begin(self) -> bool:
            return True

    @strawberry.type
    class Second:
        @strawberry.mutation
        def finish(self) -> bool:
            return True

    made = compose(queries=[sample.Queries], mutations=[First, Second])
    assert list(made._schema.mutation_type.fields) == ["begin", "finish"]  # type: ignore[union-attr]
    with pytest.raises(DeclarationError, match="Mutation: said twice: begin"):
        compose(queries=[sample.Queries], mutations=[First, Second, First])


def test_filters_and_arguments_must_agree() -> None:
    @extends(Query)
    class Wrong:
        stations: sample.StationConnection = connection(args={"level": int}, filters={}, order=["code"])

    with pytest.raises(DeclarationError, match=r"Query\.stations: filters and arguments differ: level"):
        compose(queries=[Wrong])


def test_a_required_single_is_refused() -> None:
    @extends(Query)
    class Wrong:
        station: sample.Station = single(by={"id": strawberry.ID})

    with pytest.raises(DeclarationError, match=r"Query\.station: single"):
        compose(queries=[Wrong])


def test_types_of_one_interface_must_say_which_rows_they_have() -> None:
    @maps(models.NoteRow)
    class Any_(sample.Note):
        pass

    with pytest.raises(DeclarationError, match="must say with when= which rows it has"):
        compose(queries=[sample.Queries], types=[Any_, sample.CourtMediation])


def test_bigint_is_refused() -> None:
    @maps(models.LongRow)
    class Sized:
        size: int

    with pytest.raises(DeclarationError, match="bigint and numeric"):
        compose(queries=[sample.Queries], types=[Sized])


def test_a_connection_needs_its_class() -> None:
    @extends(Query)
    class Wrong:
        stations: list[sample.Station] = connection(order=["code"])

    with pytest.raises(DeclarationError, match="its type is no @pages class"):
        compose(queries=[Wrong])


def test_sources_are_checked_where_they_are_written() -> None:
    with pytest.raises(DeclarationError):
        one()
    with pytest.raises(DeclarationError):
        one("a", back="b")
    with pytest.raises(DeclarationError):
        many("a", order=[], limit=201)
    with pytest.raises(DeclarationError):
        many("a", order=[], on=lambda a, b, ask: true())

    with pytest.raises(DeclarationError, match="is no source"):

        @maps(models.PersonRow)
        class Wrong:
            name: str = "plain"


def test_pages_may_go_without_totals() -> None:
    @pages(sample.Step, total="none")
    class Untold:
        """Steps."""

    @maps(models.MatterRow)
    class Told:
        steps: Untold = page("matter_id", order=["-at"])

    made = compose(queries=[sample.Queries], types=[Told])
    assert "totalCount" not in print_type(made._schema.type_map["Untold"])
