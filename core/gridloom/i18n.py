"""Messages in the caller's language: Project Fluent files, Chinese first."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from fluent.runtime import FluentBundle, FluentResource

LOCALES = ("zh-CN", "en")
DEFAULT_LOCALE = LOCALES[0]

_extra_sources: list[Traversable] = []


def add_messages(folder: Traversable) -> None:
    """Let the messages below `folder/<locale>/*.ftl` be found too; called once per plugin, before the first translation."""
    _extra_sources.append(folder)
    _bundle.cache_clear()


def choose_locale(accept_language: str | None) -> str:
    """The first offered language that an Accept-Language header names; Chinese where it names none."""
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return DEFAULT_LOCALE


def translate(locale: str, message_id: str, **params: str | int) -> str:
    """The sentence of that id; an unknown id comes back as itself, so that nothing is hidden."""
    for candidate in (locale, DEFAULT_LOCALE):
        bundle = _bundle(candidate)
        if bundle.has_message(message_id):
            pattern = bundle.get_message(message_id).value
            if pattern is not None:
                text, _errors = bundle.format_pattern(pattern, params)
                return str(text)
    return message_id


def message_ids(locale: str) -> frozenset[str]:
    """Every id that has a sentence in `locale` (the completeness test compares the languages)."""
    return frozenset(_bundle(locale)._messages)


@cache
def _bundle(locale: str) -> FluentBundle:
    bundle = FluentBundle([locale], use_isolating=False)
    for source in (resources.files("gridloom") / "locale", *_extra_sources):
        folder = source / locale
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
                if file.name.endswith(".ftl"):
                    bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")), allow_overrides=True)
    return bundle
