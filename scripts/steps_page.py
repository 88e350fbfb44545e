"""Writes docs/steps.md from the table of steps in `gridloom.dispatch.steps`: `.venv/bin/python scripts/steps_page.py`."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from gridloom.dispatch.steps import ASSIGNMENT_STEPS, CASE_STEPS, AssignmentRule, StepRule

PAGE = Path(__file__).resolve().parents[1] / "docs" / "steps.md"
Rule = StepRule | AssignmentRule

HEAD = """# The steps of a case

Written by `scripts/steps_page.py` from `core/gridloom/dispatch/steps.py`: change the table there. The same table drives the
checks of every step, the field `allowedSteps` and the property test of random histories (`tests/dispatch/test_histories.py`).
Holding the step's permission (`core/gridloom/people/roles.py`) is needed besides.

| who | what it means |
|---|---|
| centre | an officer or lead of the centre that runs the case, or of one above it on the case's path |
| centre_on_path | the same at any centre whose territory holds the case |
| centre_lead | a lead of the running centre or of one above |
| unit | whoever acts for the assignment's organisation |
| unit_in_charge | whoever acts for an organisation with an open assignment |
| reporter | who reported it |
| leader | a leader who may see the case |
| handler | a named handler of a protected case |
"""

EXTRA = """
## What the table does not say
- `blowWhistle` of grade EMERGENCY is also allowed from REPORTED: it accepts in the same step. KEY and HARD wait (PROPOSED) for
  a lead of the centre that blows, or of one above, unless a lead of that centre blows. While a whistle waits, nothing else is
  routed, blown or escalated.
- `verifyCase`: never by a person or an organisation that took part in the handling of this round (`SAME_PERSON`); never on a
  case that was handled on the spot.
- `closeCase`: after a call-back of this round; from HANDLED only where the case was handled on the spot.
- `askReturn`: once a unit and case, until the later of the signing limit and, where the item runs the clock XF-03, that limit.
- `reportIn` comes before `completeAssignment` under a whistle; a unit that was only routed to may complete from SIGNED. The
  lead completes last.
- `extendCase`: 1–10 working days. A red card takes a lead or a leader. `nameHandlers` is for protected cases only.
- A centre above that accepts, routes or blows takes the case over: from then on it is the centre that runs it.
"""


def page() -> str:
    """The whole page."""
    around = ("[*] --> REPORTED: reportCase", "[*] --> HANDLED: reportCase, handled on the spot",
              "ROUTED --> HANDLED: completeAssignment of the lead")  # fmt: skip
    parts = [HEAD, "## On a case\n", _table(CASE_STEPS), _diagram(CASE_STEPS, around), "## On an assignment\n",
             "The case is ROUTED meanwhile.\n", _table(ASSIGNMENT_STEPS), _diagram(ASSIGNMENT_STEPS)]  # fmt: skip
    return "\n".join(parts) + EXTRA


def _table(rules: Sequence[Rule]) -> str:
    lines = ["| step | from | to | who | needs | while paused |", "|---|---|---|---|---|---|"]
    for rule in rules:
        to = "the same" if _stays(rule) else _names(rule.to)
        paused = "yes" if rule.paused else "no"
        lines.append(f"| `{rule.name}` | {_names(rule.frm)} | {to} | {', '.join(rule.who)} | {rule.evidence} | {paused} |")
    return "\n".join(lines) + "\n"


def _diagram(rules: Sequence[Rule], around: Sequence[str] = ()) -> str:
    """Steps that lead to another state, as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in around)]
    for rule in rules:
        if not _stays(rule):
            lines += [f"    {frm} --> {to}: {rule.name}" for frm in rule.frm for to in rule.to if frm != to]
    return "\n".join([*lines, "```"]) + "\n"


def _stays(rule: Rule) -> bool:
    return tuple(rule.frm) == tuple(rule.to)


def _names(states: Iterable[StrEnum]) -> str:
    return ", ".join(states)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
