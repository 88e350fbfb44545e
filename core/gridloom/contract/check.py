"""The conformance kit: what `gridloom plugin check` says about a plugin before it is installed anywhere.

Syntax checks are hints to the author; the timer is the guard. Every finding is a sentence that says what to change.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import textwrap
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent

from gridloom.contract import hooks
from gridloom.contract.declare import Element, Mechanism, Step
from gridloom.contract.forms import Unmappable, fields_of
from gridloom.contract.texts import texts_of
from gridloom.contract.types import Ask, Form

HOOKS = ("declare_mechanism", *hooks.QUESTIONS, "fact_happened")
PUBLIC = ("gridloom.plugin", "gridloom.testing")
INPUT_OUTPUT = frozenset({
    "open", "print", "input", "eval", "exec", "compile", "__import__", "socket", "ssl", "requests", "httpx", "urllib",
    "subprocess", "os", "sys", "shutil", "pathlib", "Path", "asyncio", "threading", "multiprocessing", "sqlalchemy",
    "asyncpg", "redis", "time", "random", "sleep",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to change. An `error` keeps the plugin out; a `warning` does not."""

    level: Literal["error", "warning"]
    where: str
    sentence: str


def check(plugin: ModuleType, mechanism: Mechanism) -> list[Finding]:
    """Everything the kit can say about a loaded plugin; empty when there is nothing to change."""
    return [
        *_hooks(plugin),
        *(finding for function in _questions(plugin, mechanism) for finding in _purity(function)),
        *(finding for element in mechanism.elements for finding in _element(mechanism, element)),
        *_form(f"settings of {mechanism.key}", mechanism.settings),
        *_subscriptions(mechanism),
        *_texts(mechanism),
        *_imports(plugin),
    ]


def _hooks(plugin: ModuleType) -> Iterator[Finding]:
    for name, function in vars(plugin).items():
        if not hasattr(function, f"{hooks.PROJECT}_impl"):
            continue
        if name not in HOOKS:
            yield Finding("error", name, f"{name} is not a hook; the hooks are {', '.join(HOOKS)}.")
            continue
        wanted = typing.get_type_hints(getattr(hooks, name))
        if name == "fact_happened":
            wanted["return"] = type(None)
            if not inspect.iscoroutinefunction(function):
                yield Finding("error", name, "fact_happened must be an async function.")
        elif inspect.iscoroutinefunction(function):
            yield Finding("error", name, f"{name} is asked synchronously: write def, not async def.")
        given = typing.get_type_hints(function)
        if given != {key: value for key, value in wanted.items() if key in given} or "return" not in given:
            yield Finding("error", name, f"{name} must be annotated {inspect.signature(getattr(hooks, name))}.")


def _questions(plugin: ModuleType, mechanism: Mechanism) -> Iterator[Callable[..., Any]]:
    for name in hooks.QUESTIONS:
        function = getattr(plugin, name, None)
        if function is not None and hasattr(function, f"{hooks.PROJECT}_impl"):
            yield function
    for element in mechanism.elements:
        for rules in element.rules.values():
            yield from rules
        yield from (clock.when for clock in element.clocks if clock.when)


def _purity(function: Callable[..., Any]) -> Iterator[Finding]:
    where = function.__qualname__
    if inspect.iscoroutinefunction(function):
        yield Finding("error", where, f"{where} is asked synchronously: write def, not async def.")
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        yield Finding("warning", where, f"the source of {where} cannot be read, so it was not checked.")
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _name(node.type) == "BaseException"):
            yield Finding("error", where, f"{where} catches everything: name the exception it expects.")
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            yield Finding("error", where, f"{where} keeps state in {', '.join(node.names)}: answer from the argument.")
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield Finding("error", where, f"{where} imports while it is asked: import at the top of the module.")
        if isinstance(node, ast.Name) and node.id in INPUT_OUTPUT:
            yield Finding("error", where, f"{where} uses {node.id}: a question answers from what it is given.")


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _element(mechanism: Mechanism, element: Element) -> Iterator[Finding]:
    for step in element.behaviour.steps:
        yield from _form(f"{mechanism.key}.{element.key}.{step.key}", element.form_of(step))
        for rule in element.rules.get(step, ()):
            yield from _rule(element, step, rule)


def _rule(element: Element, step: Step[Any], rule: Callable[..., Any]) -> Iterator[Finding]:
    given = typing.get_type_hints(rule)
    asked = next((hint for name, hint in given.items() if name != "return"), None)
    form = typing.get_args(asked)[0] if typing.get_origin(asked) is Ask else None
    wanted = element.form_of(step)
    if form is None or not (isinstance(form, type) and issubclass(wanted, form)):
        sentence = f"{rule.__name__} must take ask: Ask[{wanted.__name__}], the form of {element.key}'s {step.key}."
        yield Finding("error", rule.__name__, sentence)
    if "return" not in given:
        yield Finding("error", rule.__name__, f"{rule.__name__} must say -> Refusal | None.")


def _form(where: str, form: type[Form]) -> Iterator[Finding]:
    try:
        for field in fields_of(form):
            if field.title == field.name:
                yield Finding("warning", where, f"{form.__name__}.{field.name} has no title: the page shows its name.")
            if field.inner is not None:
                yield from _form(where, field.inner)
    except Unmappable as error:
        yield Finding("error", where, str(error))


def _subscriptions(mechanism: Mechanism) -> Iterator[Finding]:
    for fact in sorted(mechanism.subscribes):
        prefix, dot, word = fact.partition(".")
        own = prefix == mechanism.key or (bool(dot) and any(e.behaviour.key == prefix for e in mechanism.elements))
        known = any(fact == one or (one.endswith(".") and fact.startswith(one)) for one in hooks.FACT_TYPES)
        if not (own or known) or not word:
            yield Finding("error", mechanism.key, f"{fact} is not a type of fact that core tells plugins.")


def _texts(mechanism: Mechanism) -> Iterator[Finding]:
    english = _fluent_ids(mechanism.locale / "en") if mechanism.locale else frozenset[str]()
    try:
        texts = list(texts_of(mechanism))
    except Unmappable:  # said of the form already
        return
    for identifier, chinese in texts:
        if identifier not in english:
            yield Finding("warning", mechanism.key, f"no English text {identifier} for “{chinese}” in locale/en.")


def _fluent_ids(folder: Path) -> frozenset[str]:
    found = set()
    for file in sorted(folder.glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            if isinstance(entry, fluent.Message):
                found.add(entry.id.name)
    return frozenset(found)


def _imports(plugin: ModuleType) -> Iterator[Finding]:
    for file in _files(plugin):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "gridloom" else [
                    node.module]  # fmt: skip
            for name in names:
                if name.split(".")[0] == "gridloom" and not any(name == p or name.startswith(p + ".") for p in PUBLIC):
                    sentence = f"{file.name} imports {name}: a plugin imports gridloom.plugin and nothing else of core."
                    yield Finding("error", file.name, sentence)


def _files(plugin: ModuleType) -> list[Path]:
    spec = importlib.util.find_spec(plugin.__name__) if plugin.__spec__ is not None else None
    if spec is None or spec.origin is None:
        return []
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
