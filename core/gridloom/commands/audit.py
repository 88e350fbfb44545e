"""`gridloom audit …`: whether a county's chain of audit rows is whole."""

import typer

from gridloom.audit.service import Verdict, verify
from gridloom.commands.console import fail, out, run
from gridloom.commands.installation import county_of, service

group = typer.Typer(no_args_is_help=True, help="The audit chain of a county.")
County = typer.Argument(help="Administrative code of the county, such as 532925.")
Head = typer.Option(None, "--head", help="A head kept elsewhere, SEQUENCE:DIGEST; finds a tail that was cut off.")


@group.callback()
def about() -> None:
    """The audit chain of a county."""


@group.command("verify")
def verify_chain(county: str = County, head: str | None = Head) -> None:
    """Walk a county's whole chain; exit code 1 when a link is broken."""
    verdict = run(_verify(county, _kept(head)))
    if verdict.fault:
        fail(f"The audit chain of {county} is broken: {verdict.fault}.")
    waiting = f", {verdict.unsealed} rows not sealed yet" if verdict.unsealed else ""
    out.print(f"✓ {verdict.sealed} links hold{waiting}; the head is {verdict.sealed}:{verdict.head}", soft_wrap=True)


def _kept(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    sequence, _, digest = head.partition(":")
    if not sequence.isdigit() or len(digest) != 64:
        fail("A head is written SEQUENCE:DIGEST, as `gridloom audit verify` prints it.")
    return int(sequence), digest


async def _verify(code: str, kept: tuple[int, str] | None) -> Verdict:
    async with service() as opened:
        county = await county_of(opened, code)
        async with opened.open(county) as work:
            return await verify(work, kept_head=kept)
