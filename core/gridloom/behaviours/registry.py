"""A register: what a department keeps account of, each entry in versions of which one at most is in force.

A new version is drawn up beside the one in force and supersedes it when it enters force. Many entries come in at once by an
import that can be tried first. An entry that others still hang on is not retired.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_ahead
from gridloom.contract.forms import Labels, LongText, MatterId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Form


class Register(Form):
    """An entry is drawn up under its number, which nothing else in force has."""

    number: str = Field(title="编号", min_length=1, max_length=60)
    name: str = Field(title="名称", min_length=1, max_length=120)
    place: str | None = Field(None, title="地点", max_length=200)
    basis: str | None = Field(None, title="依据", max_length=500)


class Revise(Register):
    """A new version of an entry; the old one stays in force until this one enters force."""

    replaces_id: MatterId = Field(title="被替代的登记")
    change: LongText = Field(title="变更说明", min_length=2, max_length=2000)


class Enact(Form):
    """The entry enters force; the version before it is superseded."""

    from_day: date | None = Field(None, title="生效日期")
    note: LongText | None = Field(None, title="备注", max_length=2000)


class Check(Form):
    """Somebody looked whether the entry still holds."""

    checked_on: date = Field(title="核对日期")
    result: Annotated[
        Literal["AS_REGISTERED", "CHANGED", "FAULTY"], Labels(AS_REGISTERED="属实", CHANGED="有变化", FAULTY="有故障")
    ] = Field(title="核对结果")
    note: LongText | None = Field(None, title="备注", max_length=2000)


class Suspend(Form):
    """The entry does not hold for a while."""

    reason: LongText = Field(title="暂停原因", min_length=2, max_length=2000)


class Resume(Form):
    """The entry holds again."""

    note: LongText | None = Field(None, title="备注", max_length=2000)


class Retire(Form):
    """The entry is given up for good; what was registered stays readable."""

    reason: LongText = Field(title="注销原因", min_length=2, max_length=2000)


class Supersede(Form):
    """A newer version is in force."""


register = Step("register", "登记", "Register", Register, target="DRAFT", part="entry", side=Side.ORIGIN,
                owner=Side.ORIGIN, reference="number", imported=True,
                titled=lambda form: f"{form.number} {form.name}"[:120])  # fmt: skip
revise = Step("revise", "修订", "Draw up a new version", Revise, target="DRAFT", part="entry", side=Side.ORIGIN,
              owner=Side.ORIGIN,
              reference="number", follows="replaces_id",
              titled=lambda form: f"{form.number} {form.name}"[:120])  # fmt: skip
enact = Step("enact", "生效", "Enter force", Enact, source=("DRAFT",), target="IN_FORCE", part="entry",
             on_earlier="supersede",
             mutation="entryEnact")  # fmt: skip
check = Step("check", "核对", "Check", Check, source=("IN_FORCE", "SUSPENDED"), target="", part="entry",
             mutation="entryCheck",
             checks=(not_ahead("checked_on"),))  # fmt: skip
suspend = Step("suspend", "暂停", "Suspend", Suspend, source=("IN_FORCE",), target="SUSPENDED", part="entry",
               mutation="entrySuspend")  # fmt: skip
resume = Step("resume", "恢复", "Resume", Resume, source=("SUSPENDED",), target="IN_FORCE", part="entry",
              mutation="entryResume")
retire = Step("retire", "注销", "Retire", Retire, source=("DRAFT", "IN_FORCE", "SUSPENDED"), target="RETIRED", part="entry",
              after_children=True, mutation="entryRetire")  # fmt: skip
supersede = Step("supersede", "被新版替代", "Superseded", Supersede, source=("IN_FORCE", "SUSPENDED"),
                 target="SUPERSEDED", part="entry", side=Side.SYSTEM, mutation="entrySupersede")  # fmt: skip

behaviour = Behaviour(
    "registry",
    "登记册",
    parts=(
        Part("entry", "登记", "Entry", (
            State("DRAFT", "拟登记", "Draft", waits_for=Side.OWNER),
            State("IN_FORCE", "在册", "In force"),
            State("SUSPENDED", "暂停", "Suspended"),
            State("SUPERSEDED", "已替代", "Superseded", ends=True),
            State("RETIRED", "已注销", "Retired", ends=True),
        )),
    ),
    steps=(register, revise, enact, check, suspend, resume, retire, supersede),
)  # fmt: skip
