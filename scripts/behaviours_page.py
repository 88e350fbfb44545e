"""Writes docs/behaviours.md from the tables of `gridloom.behaviours`: `.venv/bin/python scripts/behaviours_page.py`."""

from pathlib import Path
from typing import Any

from gridloom.behaviours.register import BEHAVIOURS
from gridloom.contract.declare import Behaviour, Clock, Part, Side, Step

PAGE = Path(__file__).resolve().parents[1] / "docs" / "behaviours.md"

HEAD = """# Core's behaviours

Written by `scripts/behaviours_page.py` from `core/gridloom/behaviours/`: change the tables there. The same tables drive the
checks of every step, the field `allowedSteps`, the GraphQL mutations and the property tests
(`tests/plugins/test_behaviours.py`). An element of a mechanism binds to one of them
([write a mechanism](write-a-mechanism.md)).

| who | what it means |
|---|---|
| origin | the organisation that began the matter |
| counterpart | the organisation that it is addressed to |
| owner | the one organisation that owns it now |
| supervisor | the centre above |
| either | any of these |
| core | nobody: core takes the step when a clock runs out, or because of another step |

A step without a mutation begins something: the mechanism's own mutation does (`courtAssignMediation`). The others are core's
unless the element has a form of its own for them. "not by" names the steps whose doers must not take this one.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_behaviour(one) for one in BEHAVIOURS.values())


def _behaviour(behaviour: Behaviour) -> str:
    lines = [f"\n## {behaviour.key} {behaviour.title}\n"]
    for part in behaviour.parts:
        lines += [_states(behaviour, part), _steps(behaviour, part)]
    if behaviour.clocks:
        lines += [f"- {_clock(clock)}" for clock in behaviour.clocks]
        lines.append("")
    return "\n".join(lines)


def _states(behaviour: Behaviour, part: Part) -> str:
    states = " · ".join(f"{state.key}{'*' if state.ends else ''} {state.title}" for state in part.states)
    below = f" (of a {part.of})" if part.of else ""
    return f"**{part.key}**{below}: {states}\n"


def _steps(behaviour: Behaviour, part: Part) -> str:
    lines = ["| step | from | to | who | owner then | mutation | besides |", "|---|---|---|---|---|---|---|"]
    for step in behaviour.steps:
        if step.part == part.key:
            source = ", ".join(step.source) or (f"a {part.of} {' or '.join(step.parent)}" if step.parent else "–")
            who = "core" if step.by_core else step.side.lower()
            owner = step.owner.lower() if isinstance(step.owner, Side) else step.hands_to or "the same"
            name = f"`{step.mutation}`" if step.mutation and not step.by_core else "–"
            lines.append(
                f"| `{step.key}` {step.title} | {source} | {step.target or 'the same'} | {who} | {owner} | {name} "
                f"| {_besides(step)} |"
            )
    return "\n".join(lines) + "\n"


def _besides(step: Step[Any]) -> str:
    said = [
        f"not by {', '.join(step.other_than)}" if step.other_than else "",
        f"after {', '.join(step.requires)}" if step.requires else "",
        f"not after {', '.join(step.unless)}" if step.unless else "",
        f"yes to {', '.join(step.consents)}" if step.consents else "",
        "the handler's" if step.assigned else "",
        "blocked by violence" if step.mediates else "",
        "the centre joins" if step.calls_centre else "",
        "not while a child is open" if step.after_children else "",
        f"ends children: {step.closes_children}" if step.closes_children else "",
        f"before it: {step.on_earlier}" if step.on_earlier else "",
        "importMatters" if step.imported else "",
        "counts without persons" if step.impersonal else "",
    ]
    return "; ".join(one for one in said if one)


def _clock(clock: Clock) -> str:
    begins = ", ".join(one.key for one in clock.begins)
    until = f"the form's `{clock.until}`" if clock.until else "its limit"
    after = f", then core takes `{clock.expires.key}`" if clock.expires else ""
    return f"`{clock.code}` {clock.label}: from {begins} to {until}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
