"""One case's course, step by step, as the table of steps allows it. Written forward in time; the caller cuts at now."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from gridloom.demo.cast import Cast, Item
from gridloom.demo.frame import GridPlan
from gridloom.demo.plans import ActorPlan, Input, StepPlan
from gridloom.demo.rhythm import waking_after, work_after
from gridloom.demo.texts import Voice

# Office hours from the blowing to the signature and from there to the arrival, by grade; EMERGENCY in minutes.
GRADE_HOURS = {"ROUTINE": ((0.3, 3.6), (1.0, 6.0)), "HARD": ((1.0, 6.0), (7.0, 18.0)), "KEY": ((0.1, 0.9), (0.5, 3.5))}
HANDLING = {"CRITICAL": (1.0, 10.0), "URGENT": (2.0, 18.0), "NORMAL": (4.0, 34.0), "LOW": (3.0, 30.0)}
RETURN_REASONS = ("NOT_OUR_DUTY", "NOT_OUR_AREA", "INFORMATION_MISSING", "DUPLICATE", "NOT_ACCEPTABLE_BY_LAW")


@dataclass(slots=True)
class Task:
    """An assignment while the story is told: `place` is its number in the case, `state` as the contract's."""

    place: int
    organization: str
    role: str
    state: str = "PENDING"
    whistle: bool = False


class Story:
    """Writes the steps of one case. `level`: of the centre that runs it now; `wanted`: a step it must reach."""

    def __init__(self, cast: Cast, item: Item, grid: GridPlan, voice: Voice, rng: Random) -> None:
        self.cast, self.item, self.grid, self.voice, self.rng = cast, item, grid, voice, rng
        self.level = 4
        self.steps: list[StepPlan] = []
        self.tasks: list[Task] = []
        self.whistles = 0
        self.severity = item.severity
        self.wanted: str | None = None
        self.returned: set[str] = set()
        self.pace = (item.hours / 260) ** 0.8 if item.hours < 260 else 1.0
        if rng.random() < 0.09:
            self.pace *= 2.6

    @property
    def at(self) -> datetime:
        """When the last step was taken."""
        return self.steps[-1].at

    def take(self, name: str, at: datetime, actor: ActorPlan, **inputs: Input | None) -> None:
        """Append a step, never before the last; inputs that are None or empty text are left out."""
        moment = max(at, self.at + timedelta(seconds=40)) if self.steps else at
        given = {key: value for key, value in inputs.items() if value is not None and value != ""}
        self.steps.append(StepPlan(name, moment.astimezone(UTC).replace(microsecond=0), actor, given))

    def want(self, step: str | None) -> None:
        """The case is told to show this step: nothing else comes between, and it does not dawdle."""
        self.wanted = step
        if step is not None:
            self.pace = min(self.pace, 0.6)

    def happens(self, chance: float, step: str) -> bool:
        """Whether something that now and then happens does so here."""
        return self.rng.random() < chance if self.wanted is None else self.wanted == step

    def hours(self, low: float, high: float) -> datetime:
        """Some time from now on, in the pace of the item: office hours, waking hours or any hour as it presses."""
        spent = self.rng.uniform(low, high) * self.pace
        if self.item.hours <= 4:
            return self.at + timedelta(hours=spent * 1.5)
        if self.item.hours <= 72:
            return waking_after(self.at, spent * 96)
        return work_after(self.at, spent)

    def later(self, low: float, high: float) -> datetime:
        """Some office time from now on, whatever the item: what comes after the handling does not press."""
        return work_after(self.at, self.rng.uniform(low, high))

    def minutes(self, low: float, high: float) -> datetime:
        """Some minutes from now on, at any hour."""
        return self.at + timedelta(minutes=self.rng.uniform(low, high))

    def officer(self, *, lead: bool = False, level: int | None = None) -> ActorPlan:
        """Someone of the running centre; of a protected case always its village's lead, who alone may know of it."""
        if self.item.violence:
            return self.cast.centre(4, self.grid, self.rng, lead=True)
        return self.cast.centre(level or self.level, self.grid, self.rng, lead=lead)

    # ---- the centre's procedure ----------------------------------------------------------------------------------

    def accept(self) -> None:
        if self.severity == "CRITICAL":
            at = self.minutes(2, 14)
        elif self.rng.random() < 0.07:
            at = self.hours(3, 16)
        else:
            at = waking_after(self.at, self.rng.uniform(8, 110))
        level = self.item.level if self.rng.random() < 0.5 and self.wanted != "escalateCase" else 4
        graver = self.severity == "NORMAL" and self.rng.random() < 0.03
        self.level = level
        self.severity = "URGENT" if graver else self.severity
        note = self.voice.say("accept", "note")
        self.take("acceptCase", at, self.officer(), severity="URGENT" if graver else None, note=note)

    def reject(self) -> None:
        reason, remedy = self.voice.say("reject", "reason"), self.voice.say("reject", "remedy")
        self.take("rejectCase", self.hours(0.2, 5), self.officer(), reason=reason, remedy=remedy)

    def escalate_to(self, level: int) -> None:
        while self.level > level:
            self.take("escalateCase", self.hours(0.3, 4), self.officer(), reason=self.voice.say("escalate", "reason"))
            self.level -= 1

    def route(self, unit: str | None = None) -> None:
        organization = unit or self.cast.lead_for(self.item, self.level, self.grid, self.rng)
        instruction = self.voice.say("route", "instruction")
        delay = self.minutes(5, 40) if self.severity == "CRITICAL" else self.hours(0.2, 3.5)
        self.take("routeCase", delay, self.officer(), organizationId=organization, instruction=instruction)
        self.tasks.append(Task(len(self.tasks), organization, "LEAD"))

    def blow(self, grade: str, lead: str, assists: list[str]) -> bool:
        """Blow a whistle; KEY and HARD are proposed and ruled. Returns whether it was blown."""
        direct = self.rng.random() < 0.2 and grade in ("KEY", "HARD") and self.wanted != "blowWhistle"
        at = self.minutes(2, 9) if grade == "EMERGENCY" else self.hours(0.3, 3)
        reason = self.voice.say("whistle", "emergency" if grade == "EMERGENCY" else "reason")
        self.take(
            "blowWhistle", at, self.officer(lead=direct), grade=grade, leadId=lead, assistIds=tuple(assists) or None,
            reason=reason, instruction=self.voice.say("route", "instruction"),
        )  # fmt: skip
        called = [Task(len(self.tasks), lead, "LEAD", whistle=True)]
        called += [Task(len(self.tasks) + 1 + index, one, "ASSIST", whistle=True) for index, one in enumerate(assists)]
        self.tasks += called
        self.whistles += 1
        if grade not in ("KEY", "HARD") or direct:
            return True
        approved = self.rng.random() < 0.93
        note = self.voice.say("whistle", "approve" if approved else "refuse")
        ruled = self.hours(0.1, 1.5)
        actor = self.officer(lead=True)
        self.take("ruleWhistle", ruled, actor, whistleId=self.whistles - 1, approved=approved, note=note)
        if not approved:
            for task in called:
                task.state = "CANCELLED"
        return approved

    # ---- the units -----------------------------------------------------------------------------------------------

    def sign(self, task: Task, at: datetime) -> None:
        self.take("signAssignment", at, self.actor(task), assignmentId=task.place)
        task.state = "SIGNED"

    def report_in(self, task: Task, at: datetime) -> None:
        actor = self.actor(task)
        note = self.voice.say("report_in", "note")
        self.take("reportIn", at, actor, assignmentId=task.place, personName=actor.name, note=note)
        task.state = "REPORTED_IN"

    def complete(self, task: Task, at: datetime) -> None:
        result = self.voice.result() if task.role == "LEAD" else self.voice.progress()
        self.take("completeAssignment", at, self.actor(task), assignmentId=task.place, result=result)
        task.state = "DONE"

    def progress(self, task: Task, at: datetime) -> None:
        self.take("addProgress", at, self.actor(task), note=self.voice.progress())

    def actor(self, task: Task) -> ActorPlan:
        return self.cast.unit(task.organization, self.rng)

    def ask_return(self, task: Task) -> None:
        """Soon after the task came, so that the window is open whatever the grade but KEY."""
        self.returned.add(task.organization)
        reason = self.rng.choice(RETURN_REASONS)
        suggested = None
        if reason in ("NOT_OUR_DUTY", "NOT_OUR_AREA"):
            suggested = next(iter(self._others(1)), None)
        self.take(
            "askReturn", self.minutes(12, 70), self.actor(task), assignmentId=task.place, reason=reason,
            basis=self.voice.say("return", "basis"), suggestedOrganizationId=suggested,
        )  # fmt: skip
        task.state = "RETURN_ASKED"

    def rule_return(self, task: Task) -> Task:
        """The ruling; returns the task that leads from then on."""
        free = self._others(1)
        upheld = bool(free) and self.rng.random() < 0.65
        ruling = self.voice.say("return", "upheld" if upheld else "denied")
        self.take(
            "ruleReturn", self.hours(0.5, 3.8), self.officer(lead=self.rng.random() < 0.5), assignmentId=task.place,
            upheld=upheld, organizationId=free[0] if upheld else None, ruling=ruling,
        )  # fmt: skip
        if not upheld:
            task.state = "SIGNED"
            return task
        task.state = "RETURNED"
        successor = Task(len(self.tasks), free[0], task.role, whistle=task.whistle)
        self.tasks.append(successor)
        return successor

    def _others(self, count: int) -> list[str]:
        taken = [task.organization for task in self.tasks]
        return self.cast.others(self.item, self.grid, taken, count, self.rng)

    # ---- on the way ----------------------------------------------------------------------------------------------

    def pause_and_resume(self, task: Task) -> None:
        by_unit = task.state in ("SIGNED", "REPORTED_IN") and self.rng.random() < 0.6
        actor = self.actor(task) if by_unit else self.officer()
        reason, missing = self.voice.say("pause", "reason"), self.voice.say("pause", "missing")
        self.take("pauseCase", self.hours(0.5, 6), actor, reason=reason, missing=missing)
        self.take("resumeCase", self.later(6, 40), actor, note=self.voice.say("pause", "resume"))

    def extend(self) -> None:
        days, reason = self.rng.randint(2, 8), self.voice.say("extend", "reason")
        self.take("extendCase", self.hours(1, 8), self.officer(lead=True), reason=reason, workingDays=days)

    def card(self, task: Task, kind: str) -> None:
        # The county's leaders see what was escalated to the county, and nothing below.
        risen = self.level == 2 and any(step.name == "escalateCase" for step in self.steps)
        by_leader = kind == "RED" and risen and not self.item.violence
        actor = self.cast.leader(self.rng) if by_leader else self.officer(lead=True)
        reason = self.voice.say("card", kind.lower())
        at = self.later(0.5, 4)
        due = work_after(at, 7 if kind != "REMINDER" else 3.5)
        self.take(
            "superviseCase", at, actor, organizationId=task.organization, card=kind, reason=reason,
            dueAt=due.isoformat(),
        )  # fmt: skip

    # ---- the end -------------------------------------------------------------------------------------------------

    def verify(self, *, passed: bool) -> None:
        above = max(2, self.level - 1) if self.rng.random() < 0.35 else self.level
        note = self.voice.say("verify", "passed" if passed else "failed")
        self.take("verifyCase", self.later(0.5, 9), self.officer(level=above), passed=passed, note=note)

    def call_back(self) -> None:
        if self.rng.random() < 0.08:
            self.take("callBack", self.later(0.3, 6), self.officer(), reached=False, note=self._heard("missed"))
        score = self.rng.choices((5, 4, 3, 2, 1), (52, 29, 12, 5, 2))[0]
        key = "happy" if score >= 4 else "fair" if score == 3 else "unhappy"
        heard = self._heard(key)
        self.take("callBack", self.later(0.3, 8), self.officer(), reached=True, satisfaction=score, note=heard)

    def _heard(self, key: str) -> str:
        return self.voice.say("callback", key)

    def close(self, actor: ActorPlan | None = None) -> None:
        self.take("closeCase", self.later(0.1, 6), actor or self.officer(), note=self.voice.say("close", "note"))

    def reopen(self) -> None:
        at = self.at + timedelta(days=self.rng.uniform(1.5, 20))
        self.take("reopenCase", work_after(at, 0.5), self.officer(), reason=self.voice.say("reopen", "reason"))

    def name_handler(self) -> None:
        extra = self.cast.centre(3, self.grid, self.rng, lead=True)
        reason = self.voice.say("handlers", "reason")
        self.take("nameHandlers", self.minutes(20, 300), self.officer(), add=(extra.person,), reason=reason)
