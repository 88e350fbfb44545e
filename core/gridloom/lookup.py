"""Questions asked on every step: compiled once, sent to the driver as they are."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, Select, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from gridloom.driver import DIALECT

IDS = ARRAY(Uuid())


def bind(name: str, kind: Any = None) -> BindParameter[Any]:
    """A named value of a lookup; the county's is `tenant`."""
    return bindparam(name, type_=kind, required=True)


class Lookup:
    """A SELECT with named binds. The values are always sent beside the text, never inside it.

    Lists are arrays (`column == any_(bind("ids", IDS))`): the text must not depend on their length.
    """

    def __init__(self, statement: Select[Any]) -> None:
        compiled = statement.compile(dialect=DIALECT)
        self.text = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values in the text's order. Raises KeyError for one that is missing."""
        constants = self._constants
        return [constants[name] if name in constants else given[name] for name in self._names]
