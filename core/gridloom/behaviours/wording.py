"""Titles in the reader's language: the county's own where it gave one, the declaration's Chinese, Fluent else."""

from dataclasses import dataclass
from typing import Any

from gridloom.contract.declare import Element, Figure, Mechanism, State, Step
from gridloom.contract.forms import Field
from gridloom.contract.texts import choice_text, element_text, field_text, figure_text, mechanism_text
from gridloom.contract.types import Form
from gridloom.i18n import DEFAULT_LOCALE, translate


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one mechanism for one reader."""

    locale: str
    plugin: str

    @property
    def chinese(self) -> bool:
        return self.locale == DEFAULT_LOCALE

    def say(self, message: str, **params: str | int) -> str:
        """A sentence of core's."""
        return translate(self.locale, message, **params)

    def mechanism(self, mechanism: Mechanism) -> str:
        return self._told(mechanism.title, mechanism.title_en, mechanism_text(mechanism))

    def element(self, mechanism: Mechanism, element: Element, own: str | None) -> str:
        """`own` is the county's title, which is Chinese."""
        if self.chinese or (own is not None and own != element.title):
            return own or element.title
        return self._told(element.title, element.title_en, element_text(mechanism, element))

    def figure(self, mechanism: Mechanism, element: Element, number: int, figure: Figure) -> str:
        return self._told(figure.label, figure.label_en, figure_text(mechanism, element, number))

    def step(self, step: Step[Any]) -> str:
        return step.title if self.chinese else step.title_en

    def state(self, state: State) -> str:
        return state.title if self.chinese else state.title_en

    def field(self, form: type[Form], field: Field) -> str:
        return self._told(field.title, "", field_text(self.plugin, form, field.name))

    def choice(self, form: type[Form], field: Field, value: str) -> str:
        title = dict(field.choices).get(value, value)
        return self._told(title, "", choice_text(self.plugin, form, field.name, value))

    def _told(self, chinese: str, english: str, message: str) -> str:
        if self.chinese:
            return chinese
        if english:
            return english
        found = translate(self.locale, message)
        return chinese if found == message else found
