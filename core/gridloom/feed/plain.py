"""Whether a subscription asks only for what is equal for all who see the case: then one answer serves all of them."""

from collections.abc import Iterable
from typing import Any

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from gridloom.cases.graphql import Case
from gridloom.context import Info
from gridloom.reads.declare import Column

Shape = tuple[Any, ...]
"""Response names, field names and nesting of a selection."""

_EVENT = frozenset({"cursor", "type", "at", "__typename"})


def plain_shape(info: Info) -> Shape | None:
    """The shape of what is asked of each change; None where something depends on who asks, or is not simple.

    Plain are the change's own fields and the case's columns that no mask covers.
    """
    registry = info.schema.registry  # type: ignore[attr-defined]
    fields = registry.type_of(Case).fields
    of_case = {name for name, field in fields.items() if isinstance(field.source, Column)} | {"__typename"}
    shape = []
    for root in info.selected_fields:
        if not isinstance(root, SelectedField) or root.directives:
            return None
        inner = _shape(root.selections, _EVENT, {"case": frozenset(of_case)})
        if inner is None:
            return None
        shape.append((root.alias or root.name, inner))
    return tuple(shape)


def _shape(
    selections: Iterable[Selection], leaves: frozenset[str], inner: dict[str, frozenset[str]]
) -> Shape | None:
    """The shape of a selection of these leaves and inner objects; None where anything else stands in it."""
    found: list[Any] = []
    for one in selections:
        if one.directives:
            return None
        if isinstance(one, FragmentSpread | InlineFragment):
            part = _shape(one.selections, leaves, inner)
            if part is None:
                return None
            found.extend(part)
        elif one.name in leaves and not one.arguments and not one.selections:
            found.append((one.alias or one.name, one.name))
        elif one.name in inner and not one.arguments:
            below = _shape(one.selections, inner[one.name], {})
            if below is None:
                return None
            found.append((one.alias or one.name, one.name, below))
        else:
            return None
    return tuple(found)
