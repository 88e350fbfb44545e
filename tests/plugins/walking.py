"""A matter taken through its steps over GraphQL, and what was said to each."""

import re
from uuid import UUID

from gridloom.testing.county import Turned

MATTER = "replayed matter { id state version allowedSteps owner { code } }"
RECORD = "replayed record { id state version allowedSteps owner { code } }"


class Walk:
    """One matter taken through its steps over GraphQL; `at` is how it stands."""

    def __init__(self, county, at=None, own="alfa"):
        self.county, self.own = county, own
        self.at = at or {}

    async def begin(self, member, name, /, **values):
        made = await self.county.step(member, name, RECORD, **values)
        if made.get("record"):
            self.at = made["record"]
        return said(made)

    async def take(self, member, name, /, **values):
        kind = "record" if name.startswith(self.own) else "matter"
        taken = await self.county.step(
            member, name, RECORD if kind == "record" else MATTER, matterId=self.at["id"], version=self.at["version"], **values
        )
        if not taken.get("problems") and taken.get(kind):
            self.at = taken[kind]
        return said(taken)


def said(answer):
    """State and owner, or why nothing changed."""
    if "errors" in answer:
        return answer["errors"][0]
    if answer["problems"]:
        problem = answer["problems"][0]
        return (problem["code"], *(problem["path"] or ()))
    matter = answer.get("record") or answer["matter"]
    return matter["state"], re.sub(r"\d{6}(\d{6})$", r"\1", matter["owner"]["code"])


async def staff(county, *who):
    """People by short names: (name, role, organisation)."""
    return {name: await county.as_member(role, code, name) for name, role, code in who}


def turned(walk):
    """A walk's matter as the trial's own helpers take it."""
    return Turned(UUID(walk.at["id"]), walk.at["state"], walk.at["version"])
