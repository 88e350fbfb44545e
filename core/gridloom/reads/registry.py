"""What a schema's types read from, as a value: made once by `compose`, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.types import TypeEngine

from gridloom.reads.declare import Expression, Page, Source, Totals
from gridloom.reads.notation import cursor_tag


@dataclass(frozen=True, eq=False)
class TypeInfo:
    """A mapped type: its class, its table, who may see its rows, and which rows of the table it is (`when`)."""

    name: str
    cls: type
    table: Table
    visible: Expression | None
    when: Mapping[str, str]
    kind: str
    fields: "dict[str, FieldInfo]" = field(default_factory=dict)
    python_fields: frozenset[str] = frozenset()

    def make(self, row: Mapping[str, Any]) -> Any:
        """An instance that reads from this row."""
        instance: Any = object.__new__(self.cls)
        instance.row = row
        return instance

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether the row of the table is of this type."""
        return all(row[column] == value for column, value in self.when.items())


@dataclass(frozen=True, eq=False)
class Leaf:
    """A scalar or enum: how a database value becomes the resolver's, and whether it is a list."""

    kind: Any
    many: bool
    nullable: bool = False

    def read(self, value: Any) -> Any:
        """The value that GraphQL serialises."""
        if value is None:
            return None
        return [self._item(item) for item in value] if self.many else self._item(value)

    def _item(self, value: Any) -> Any:
        if isinstance(self.kind, type) and issubclass(self.kind, Enum):
            return self.kind(value)
        return str(value) if isinstance(value, UUID) and self.kind is not UUID else value


@dataclass(frozen=True, eq=False)
class Argument:
    """An argument that filters: its Python name, SQL type (None: a Boolean, used as a plain value)."""

    name: str
    kind: TypeEngine[Any] | None
    item: Any
    many: bool


@dataclass(frozen=True, eq=False)
class PageType:
    """A connection class: its GraphQL name, class, and how it counts."""

    name: str
    cls: type
    total: Totals


@dataclass(frozen=True, eq=False)
class FieldInfo:
    """A declared field in one schema. `targets`: the types its rows may be, all of one table except under `Choose`."""

    owner: TypeInfo | None
    owner_name: str
    name: str
    python_name: str
    source: Source
    nullable: bool
    leaf: Leaf | None = None
    targets: tuple[TypeInfo, ...] = ()
    page: PageType | None = None
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    part_type: type | None = None
    parts: Mapping[str, Leaf] = field(default_factory=dict)
    """Leaves of a part, by Python name."""

    def tag(self, flipped: bool) -> str:
        """What stands in this field's cursors."""
        if not isinstance(self.source, Page):
            raise TypeError(f"{self.owner_name}.{self.name} has no pages")
        order = ("<" if flipped else ">", *self.source.order)
        return cursor_tag(f"{self.owner_name}.{self.name}", order)


@dataclass(frozen=True, eq=False)
class Registry:
    """All declared types and fields of one schema."""

    types: Mapping[type, TypeInfo]
    fields: Mapping[int, FieldInfo]
    """By identity of the field object: a declared field stands in one class only."""
    pages: Mapping[type, PageType]

    def type_of(self, cls: type) -> TypeInfo:
        """The mapped type of a class. Raises KeyError for a class that this schema does not map."""
        return self.types[cls]
