"""The courses a case can take, told with `Story`: which step follows which, and how often something goes otherwise."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from gridloom.demo.cast import Item
from gridloom.demo.story import GRADE_HOURS, HANDLING, Story, Task

WHISTLES = ("EMERGENCY", "ROUTINE", "KEY", "HARD")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a case is wanted for: a unit, and the step after which it still waits (None: let it take its course)."""

    path: str
    unit: str | None = None
    level: int | None = None
    stop: str | None = None


def choose_path(item: Item, rng: Random) -> str:
    """How a case of this item will go."""
    if item.violence:
        return "VIOLENCE"
    if item.emergency:
        return "EMERGENCY"
    if item.spot_work and rng.random() < 0.535:
        return "SELF_HANDLED"
    roll = rng.random()
    if roll < 0.055:
        return "REJECTED"
    bounds = {"CRITICAL": (0.45, 0.55, 0.95), "URGENT": (0.6, 0.82, 0.95)}.get(item.severity, (0.76, 0.93, 0.96))
    for path, bound in zip(("ROUTED", "ROUTINE", "KEY"), bounds, strict=True):
        if roll < bound:
            return path
    return "HARD"


def tell(story: Story, wish: Wish) -> None:
    """Write the whole course after `reportCase`."""
    story.want(wish.stop)
    if wish.path == "SELF_HANDLED":
        if story.rng.random() < 0.94:
            story.close(story.steps[0].actor if story.rng.random() < 0.45 else None)
    elif wish.path == "REJECTED":
        story.reject()
    elif wish.path in ("EMERGENCY", "VIOLENCE"):
        _emergency(story, wish)
    else:
        _ordinary(story, wish)


def _ordinary(story: Story, wish: Wish) -> None:
    story.accept()
    target = wish.level or (story.item.level if wish.path == "ROUTED" else story.rng.choice((3, 3, 2)))
    if wish.path == "ROUTED" and wish.level is None and story.rng.random() < 0.15:
        target = max(2, target - 1)
    story.escalate_to(min(target, story.level))
    _dispatch(story, wish)
    _finish(story)
    if story.rng.random() < 0.022 and story.steps[-1].name == "closeCase":
        story.reopen()
        story.route()
        _handle(story, "ROUTED", _lead(story))
        _finish(story, again=True)


def _dispatch(story: Story, wish: Wish) -> None:
    if wish.path in WHISTLES:
        lead = wish.unit or story.cast.lead_for(story.item, 2, story.grid, story.rng)
        assists = story.cast.others(story.item, story.grid, [lead], story.rng.choice((0, 1, 1, 2)), story.rng)
        if story.blow(wish.path, lead, assists):
            _handle(story, wish.path, _lead(story))
            return
        story.route(lead)
    else:
        story.route(wish.unit)
    _handle(story, "ROUTED", _lead(story))


def _emergency(story: Story, wish: Wish) -> None:
    story.level = 4 if wish.path == "VIOLENCE" else 3
    lead = story.cast.placed(story.item.lead, story.grid)
    others = () if wish.path == "VIOLENCE" else story.cast.others(story.item, story.grid, [lead], 1, story.rng)
    story.blow("EMERGENCY", lead, list(others))
    if wish.path == "VIOLENCE" and story.rng.random() < 0.5:
        story.name_handler()
    _handle(story, "EMERGENCY", _lead(story))
    _finish(story)


def _lead(story: Story) -> Task:
    return next(task for task in reversed(story.tasks) if task.role == "LEAD")


def _handle(story: Story, path: str, lead: Task) -> None:
    """From the dispatch to the lead's completion."""
    rng = story.rng
    returnable = path in ("ROUTED", "ROUTINE", "HARD") and lead.organization not in story.returned
    if returnable and story.happens(0.06, "askReturn"):
        if rng.random() < 0.5:
            story.sign(lead, story.minutes(3, 15))
        story.ask_return(lead)
        lead = story.rule_return(lead)
    waiting = [task for task in story.tasks if task.state in ("PENDING", "SIGNED")]
    for task in waiting:
        if task.state == "PENDING":
            story.sign(task, _sign_time(story, path))
    for task in waiting:
        if task.whistle or story.happens(0.55, "reportIn"):
            story.report_in(task, _arrival_time(story, path))
    _incidents(story, lead)
    _assists(story)
    story.complete(lead, _work_time(story))


def _sign_time(story: Story, path: str) -> datetime:
    if path == "EMERGENCY":
        return story.minutes(1, 7)
    if story.rng.random() < 0.08:
        return story.hours(5, 22)
    if path == "KEY":
        return story.minutes(8, 50)
    low, high = GRADE_HOURS.get(path, ((0.3, 3.8), (0, 0)))[0]
    return story.hours(low, high)


def _arrival_time(story: Story, path: str) -> datetime:
    if path == "EMERGENCY":
        return story.minutes(6, 38)
    late = 3.0 if story.rng.random() < 0.08 else 1.0
    low, high = GRADE_HOURS.get(path, ((0, 0), (1.0, 9.0)))[1]
    return story.hours(low * late, high * late)


def _incidents(story: Story, lead: Task) -> None:
    rng = story.rng
    if story.item.violence or story.severity == "CRITICAL":
        return
    if story.happens(0.05, "pauseCase"):
        story.pause_and_resume(lead)
    if rng.random() < 0.035:
        story.extend()
    roll = rng.random()
    if roll < 0.045:
        story.card(lead, "REMINDER")
    if roll < 0.018:
        story.card(lead, "YELLOW")
    if roll < 0.004:
        story.card(lead, "RED")
    if rng.random() < 0.4:
        story.progress(lead, story.hours(0.5, 7))


def _assists(story: Story) -> None:
    for task in story.tasks:
        if task.role != "ASSIST" or task.state not in ("SIGNED", "REPORTED_IN"):
            continue
        if story.rng.random() < 0.09:
            reason = story.voice.say("excuse", "reason")
            actor = story.officer()
            story.take("excuseAssignment", story.hours(0.5, 5), actor, assignmentId=task.place, reason=reason)
            task.state = "EXCUSED"
        else:
            story.complete(task, story.hours(0.5, 8))


def _work_time(story: Story) -> datetime:
    if story.item.hours <= 2:
        return story.minutes(8, 40)
    low, high = HANDLING[story.severity]
    spent = story.rng.triangular(low, high, low + (high - low) * 0.25)
    return story.hours(spent, spent * 1.1)


def _finish(story: Story, *, again: bool = False) -> None:
    """Verification by another, call-back, close."""
    if not again and story.rng.random() < 0.045:
        story.verify(passed=False)
        lead = _lead(story)
        lead.state = "REPORTED_IN"
        story.complete(lead, story.hours(3, 16))
    story.verify(passed=True)
    story.call_back()
    if story.rng.random() < 0.97:
        story.close()
