"""Statements that were compiled, by document, permission shape and shape of the arguments; the least used forgotten."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.type_api import _BindProcessorType

from gridloom.reads.ask import Ask, Binds
from gridloom.reads.compile import Compiler
from gridloom.reads.declare import Asked, Single
from gridloom.reads.registry import FieldInfo
from gridloom.reads.relation import Wanted, key_kinds
from gridloom.reads.selection import Given, Reading

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """A bounded memory: of more than `most` entries, or of more than `heaviest` altogether by `weigh`, the least recently
    used are forgotten; the newest always stays."""

    def __init__(self, most: int, *, weigh: Callable[[V], int] = lambda _: 0, heaviest: int = 0) -> None:
        self._most = most
        self._weigh = weigh
        self._heaviest = heaviest
        self._known: OrderedDict[K, V] = OrderedDict()
        self.weight = 0

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What is known of the key, made where nothing is."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        made = self._known[key] = make()
        self.weight += self._weigh(made)
        while len(self._known) > 1 and (len(self._known) > self._most or self.weight > self._heaviest):
            _, forgotten = self._known.popitem(last=False)
            self.weight -= self._weigh(forgotten)
        return made

    def __len__(self) -> int:
        return len(self._known)


@dataclass(frozen=True)
class Plan:
    """One statement: its text, its parameters by name in order, the constants among them."""

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    processors: Mapping[str, _BindProcessorType[Any]]
    generic: bool
    """Whether one plan of the database serves all values: true where no filter stands, whose selectivity it would need."""

    def parameters(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters of one request, in the statement's order."""
        return tuple(self._value(name, given[name] if name in given else self.constants[name]) for name in self.names)

    def _value(self, name: str, value: Any) -> Any:
        processor = self.processors.get(name)
        return processor(value) if processor is not None else value


def plan(reading: Reading, given: Sequence[Given], can: frozenset[str], marker: str, dialect: Dialect) -> Plan:
    """Compile a reading for these permissions and arguments of this shape."""
    bound = {
        number: Given(_bound(site.info, each.wanted, number), each.exact)
        for number, (site, each) in enumerate(zip(reading.sites, given, strict=True))
    }
    statement = Compiler(Binds(can), bound, marker).statement(reading.root)
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    if not isinstance(compiled, SQLCompiler) or compiled.positiontup is None:
        raise TypeError("the statement has no numbered parameters")
    processors = {name: each for name, each in compiled._bind_processors.items() if callable(each)}
    generic = not any(each.wanted.filters for each in given)
    return Plan(compiled.string, tuple(compiled.positiontup), dict(compiled.params), processors, generic)


def _bound(info: FieldInfo, wanted: Wanted, number: int) -> Wanted:
    """Binds in the place of the argument values; Booleans stay, they shape the statement."""
    filters = tuple(
        (name, value if isinstance(value, bool) else _bind(info, name, _filter_name(number, name)))
        for name, value in wanted.filters
    )
    after = None
    if wanted.after is not None:
        after = tuple(
            bindparam(_after_name(number, place), type_=kind, required=False)
            for place, kind in enumerate(key_kinds(info))
        )
    first = bindparam(_first_name(number), type_=Integer(), required=False)
    return Wanted(first=first, after=after, flipped=wanted.flipped, filters=filters)


def _bind(info: FieldInfo, name: str, bind_name: str) -> Any:
    kind = info.arguments[name].kind
    if isinstance(info.source, Asked) and info.source.filters[name].kind is not None:
        kind = info.source.filters[name].kind
    if isinstance(info.source, Single):
        kind = info.targets[0].table.c[name].type
    return bindparam(bind_name, type_=kind, required=False)


def values(given: Sequence[Given], ask: Ask) -> dict[str, Any]:
    """What a request gives to a plan's parameters."""
    found: dict[str, Any] = ask.parameters()
    for number, each in enumerate(given):
        wanted = each.wanted
        found[_first_name(number)] = wanted.first
        for name, value in wanted.filters:
            found[_filter_name(number, name)] = list(value) if isinstance(value, tuple) else value
        for place, value in enumerate(wanted.after or ()):
            found[_after_name(number, place)] = value
    return found


def _first_name(number: int) -> str:
    return f"s{number}_first"


def _filter_name(number: int, name: str) -> str:
    return f"s{number}_is_{name}"


def _after_name(number: int, place: int) -> str:
    return f"s{number}_after_{place}"
