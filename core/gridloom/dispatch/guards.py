"""Plugins of the county are asked before a step; their objections refuse it by name."""

from collections.abc import Callable
from uuid import UUID

from gridloom.cases.models import CaseRow
from gridloom.catalogue.models import Severity
from gridloom.catalogue.service import item_version
from gridloom.contract.host import Verdict
from gridloom.contract.types import ActorView, CaseView, StepView
from gridloom.dispatch.desk import Desk
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.grid.models import GridRow
from gridloom.i18n import translate
from gridloom.work import Actor, Work

TOWNSHIP_DEPTH = 1
Keeper = Callable[[Work, Verdict, str | None, UUID | None], None]
_keepers: list[Keeper] = []


def keep_answers_with(keeper: Keeper) -> None:
    """Say who writes down what plugins in shadow would have refused and what failed, once, at start."""
    _keepers[:] = [keeper]


async def ask_plugins(desk: Desk, mutation: str) -> None:
    """Raises `Refusal` with the plugin's code and sentence; emergencies are never stopped."""
    await _ask(desk.work, desk.case, mutation)


async def ask_about_report(work: Work, case: CaseRow) -> None:
    """As `ask_plugins`, of a case that is just being reported. What is critical is taken in whatever they say."""
    if not (case.emergency or case.severity == Severity.CRITICAL):
        await _ask(work, case, "reportCase")


async def _ask(work: Work, case: CaseRow, mutation: str) -> None:
    if not work.host.guarding(mutation, work.county.switched):
        return
    view = StepView(
        mutation=mutation, severity=case.severity, actor=actor_view(work.actor), subject=case.id,
        emergency=case.emergency, case=await _case_view(work, case),
    )
    verdict = work.host.object_to_step(view, work.county.switched)
    for plugin, refusal in verdict.refusals:
        raise Refusal(
            ProblemCode(refusal.code), refusal.message, path=refusal.path,
            text=f"{plugin}: {translate(work.actor.locale, refusal.message)}",
        )
    for keeper in _keepers:
        keeper(work, verdict, mutation, case.id)


async def ask_evidence(desk: Desk, mutation: str, files: int) -> None:
    """Raises `Refusal` VALIDATION where plugins want more papers with this step than there are files; never for an
    emergency."""
    work, case = desk.work, desk.case
    if not work.county.switched or case.emergency:
        return
    view = StepView(mutation, case.severity, actor_view(work.actor), case.id, case.emergency, await _case_view(work, case))
    wanted = work.host.required_evidence(view, work.county.switched).values
    if files < len(wanted):
        titles = "、".join(one.title for one in wanted)
        raise invalid("problem-evidence", "attachmentIds", titles=titles)


def actor_view(actor: Actor) -> ActorView:
    """What a plugin may know of an actor."""
    return ActorView(
        actor.id, actor.kind, actor.name,
        frozenset(f"{post.role}@{post.organization_kind or ''}".lower() for post in actor.posts),
    )


async def _case_view(work: Work, case: CaseRow) -> CaseView:
    item = await item_version(work, case.item_version_id)
    township = case.path[TOWNSHIP_DEPTH] if len(case.path) > TOWNSHIP_DEPTH else case.path[-1]
    grid = await work.session.get_one(GridRow, (work.tenant, township))
    return CaseView(
        id=case.id, number=case.number, work_item=item.code, category=item.category, severity=case.severity,
        status=case.status, township=grid.code, protection=frozenset(case.protection), emergency=case.emergency,
    )
