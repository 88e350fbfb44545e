"""The page's nodes as GraphQL types, made from the contract's frozen values: nothing is said twice."""

import dataclasses
import inspect
import typing
from enum import StrEnum
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Union
from uuid import UUID

import strawberry

from gridloom.contract import ui

_made: dict[Any, Any] = {}


def _type(cls: Any) -> Any:
    if cls in _made:
        return _made[cls]
    name = f"Ui{cls.__name__}"
    if issubclass(cls, StrEnum):
        _made[cls] = strawberry.enum(cls, name=name, description=_doc(cls))
        return _made[cls]
    annotations = {key: _annotation(kind) for key, kind in typing.get_type_hints(cls).items()}

    def is_type_of(kind: Any, value: Any, info: Any) -> bool:
        return isinstance(value, cls)

    values = {"__annotations__": annotations, "__module__": __name__, "is_type_of": classmethod(is_type_of)}
    fields = {field.name: strawberry.field() for field in dataclasses.fields(cls)}
    _made[cls] = strawberry.type(type(name, (), {**values, **fields}), name=name, description=_doc(cls))
    return _made[cls]


def _annotation(kind: Any) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind == ui.Node:
        return Node
    if origin is tuple:
        return list[_annotation(inner[0])]  # type: ignore[misc]
    if origin in (Union, UnionType):
        others = [one for one in inner if one is not NoneType]
        return _annotation(others[0]) | None
    if kind is UUID:
        return strawberry.ID
    is_ours = dataclasses.is_dataclass(kind) or (inspect.isclass(kind) and issubclass(kind, StrEnum))
    return _type(kind) if is_ours else kind


def _doc(cls: Any) -> str | None:
    text = inspect.cleandoc(cls.__doc__ or "")
    return None if text.startswith(f"{cls.__name__}(") else " ".join(text.split()) or None


_nodes = [_type(kind) for kind in typing.get_args(ui.Node)]
Node: Any = Annotated[
    reduce(or_, _nodes), strawberry.union("UiNode", description="One typed part of a mechanism's page.")
]
Page: Any = _type(ui.Page)
